import { delay } from "@meridian/base";
import { type Client, Unreachable } from "@meridian/client";
import type { ConvergenceReport, Revision } from "@meridian/model";
import { exitCodes } from "../failure.ts";
import type { CliIo } from "../io.ts";
import { styleOf } from "../output/style.ts";
import { describeRejection, elapsedText, isSettled, rejectionsSince, summarise, unheardZones } from "./describe.ts";
import { ProgressLines } from "./progress.ts";

export interface WaitOptions {
  readonly client: Client;
  readonly io: CliIo;
  readonly revision: Revision;
  /** Wait for zones that are not heard, too. */
  readonly allZones: boolean;
  readonly timeoutMs: number;
  /** When the change was sent, on the clock of `io.now`. */
  readonly startedMs: number;
}

const reconnectDelayMs = 250;

/**
 * Follows a revision until every proxy that can be heard has acknowledged it, with a line per zone. A zone that is not heard is named
 * and not waited for, unless `allZones` says so or there is no other: then nobody has acknowledged anything. A lost connection is made
 * again until the time is up. Returns the exit code: 0 acknowledged, 3 as `waitExitCodes` say; the change stays either way.
 */
export async function waitForConvergence(options: WaitOptions): Promise<number> {
  const { io } = options;
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const progress = new ProgressLines(io);
  let last: ConvergenceReport | undefined;
  try {
    for await (const report of reportsUntil(options, timeout)) {
      last = report;
      if (isOver(report, options)) break;
      progress.show(report);
    }
  } finally {
    progress.clear();
  }
  return conclude(options, last ?? (await lastWord(options)));
}

/** In so little time that no stream began, one answer still says where it stands. */
async function lastWord({ client, revision }: WaitOptions): Promise<ConvergenceReport | undefined> {
  return client.convergence(revision).catch((error: unknown) => {
    if (error instanceof Unreachable) return undefined;
    throw error;
  });
}

async function* reportsUntil(
  { client, revision }: WaitOptions,
  timeout: AbortSignal,
): AsyncGenerator<ConvergenceReport, void, void> {
  while (!timeout.aborted) {
    const connection = new AbortController();
    try {
      yield* client.watchConvergence(revision, AbortSignal.any([timeout, connection.signal]), { everyZone: true });
    } catch (error) {
      if (!timeout.aborted && !(error instanceof Unreachable)) throw error;
    } finally {
      // Whoever stops reading reports hangs up.
      connection.abort();
    }
    await delay(reconnectDelayMs, timeout);
  }
}

/** A refusal ends it: no other zone can mend that. */
function isOver(report: ConvergenceReport, { allZones }: WaitOptions): boolean {
  if (!report.converged && !isSettled(report)) return false;
  return rejectionsSince(report).length > 0 || missingZones(report, allZones).length === 0;
}

/**
 * The zones that are not heard and whose word is needed. One that never connected has no proxies, so it is only needed where the user
 * says so.
 */
function missingZones(report: ConvergenceReport, allZones: boolean): readonly string[] {
  const unheard = unheardZones(report);
  if (allZones) return unheard.map(({ zone }) => zone);
  if (report.zones.some(({ status }) => status === "online")) return [];
  return unheard.filter(({ lastHeard }) => lastHeard !== undefined).map(({ zone }) => zone);
}

function conclude(options: WaitOptions, report: ConvergenceReport | undefined): number {
  const { io, revision, timeoutMs, startedMs } = options;
  const style = styleOf(io);
  const later = `The change is stored as revision ${revision} and will still take effect. See how far it is: meridian inspect zones\n`;
  if (!report) {
    io.stderr.write(`${style.bad("Error:")} no report of revision ${revision} came within ${timeoutMs / 1000} s\n${later}`);
    return exitCodes.notConverged;
  }
  const elapsed = elapsedText(io.now() - startedMs);
  const rejections = rejectionsSince(report);
  if (rejections.length > 0) {
    io.stdout.write(`${summarise(report, style.bad(`rejected after ${elapsed}`), style)}\n`);
    for (const { zone, rejection } of rejections) io.stderr.write(`${describeRejection(rejection, zone, style).join("\n")}\n`);
    io.stderr.write("These proxies keep their last good config. Mend the policy and apply it again.\n");
    return exitCodes.notConverged;
  }
  if (!report.converged && !isSettled(report)) {
    io.stdout.write(`${summarise(report, style.warn(`not converged after ${elapsed}`), style)}\n`);
    io.stderr.write(later);
    return exitCodes.notConverged;
  }
  return concludeUnheard(options, report, elapsed);
}

/** Every proxy that can be heard has acknowledged: the verdict says whether those are all. */
function concludeUnheard({ io, allZones, revision }: WaitOptions, report: ConvergenceReport, elapsed: string): number {
  const style = styleOf(io);
  const unheard = unheardZones(report).map(({ zone }) => zone);
  const missing = missingZones(report, allZones);
  if (unheard.length === 0) {
    io.stdout.write(`${summarise(report, style.good(`converged in ${elapsed}`), style)}\n`);
    return exitCodes.ok;
  }
  const isAnyHeard = report.zones.some(({ status }) => status === "online");
  const verdict = isAnyHeard ? `acknowledged by every connected proxy in ${elapsed}` : `no zone is heard after ${elapsed}`;
  const names = unheard.join(", ");
  const word = unheard.length === 1 ? "zone" : "zones";
  io.stdout.write(`${summarise(report, style.warn(verdict), style)}\n`);
  io.stderr.write(
    `${style.warn("Warning:")} no word from ${word} ${names}: revision ${revision} takes effect there on the next connection.\n`,
  );
  if (missing.length > 0) return exitCodes.notConverged;
  if (isAnyHeard) io.stderr.write("To wait for every zone, use --all-zones instead of --wait.\n");
  return exitCodes.ok;
}
