import { delay } from "@meridian/base";
import { type Client, Unreachable } from "@meridian/client";
import type { ConvergenceReport, Revision } from "@meridian/model";
import { exitCodes } from "../failure.ts";
import type { CliIo } from "../io.ts";
import { styleOf } from "../output/style.ts";
import { describeRejection, elapsedText, isSettled, rejectionsSince, summarise } from "./describe.ts";
import { ProgressLines } from "./progress.ts";

export interface WaitOptions {
  readonly client: Client;
  readonly io: CliIo;
  readonly revision: Revision;
  readonly timeoutMs: number;
  /** When the change was sent, on the clock of `io.now`. */
  readonly startedMs: number;
}

const reconnectDelayMs = 250;

/**
 * Follows a revision until every proxy that can be heard has acknowledged it, with a line per zone. A lost connection is made again
 * until the time is up. Returns the exit code: 0 converged, 3 a proxy rejected it or the time is up; the change stays either way.
 */
export async function waitForConvergence(options: WaitOptions): Promise<number> {
  const { io } = options;
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const progress = new ProgressLines(io);
  let last: ConvergenceReport | undefined;
  try {
    for await (const report of reportsUntil(options, timeout)) {
      last = report;
      if (report.converged || isSettled(report)) break;
      progress.show(report);
    }
  } finally {
    progress.clear();
  }
  return conclude(options, last);
}

async function* reportsUntil(
  { client, revision }: WaitOptions,
  timeout: AbortSignal,
): AsyncGenerator<ConvergenceReport, void, void> {
  while (!timeout.aborted) {
    const connection = new AbortController();
    try {
      yield* client.watchConvergence(revision, AbortSignal.any([timeout, connection.signal]));
    } catch (error) {
      if (!timeout.aborted && !(error instanceof Unreachable)) throw error;
    } finally {
      // Whoever stops reading reports hangs up.
      connection.abort();
    }
    await delay(reconnectDelayMs, timeout);
  }
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
  io.stdout.write(`${summarise(report, style.good(`converged in ${elapsed}`), style)}\n`);
  return exitCodes.ok;
}
