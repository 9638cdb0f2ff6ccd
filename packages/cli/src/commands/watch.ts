import { Backoff, delay } from "@meridian/base";
import { ApiFailure, type Client, type FeedChange, type LogQuery, Unreachable } from "@meridian/client";
import type { Revision } from "@meridian/model";
import { type CommandContext, type CommandSpec, type OptionValues, textOption } from "../command.ts";
import { exitCodes } from "../failure.ts";
import type { CliIo } from "../io.ts";
import { describeResource, outcomeText } from "../output/format.ts";
import { styleOf } from "../output/style.ts";
import { growingTable } from "../output/table.ts";
import { parseRevision, resolveLogTarget } from "../revision-options.ts";

export const watchCommand: CommandSpec = {
  path: ["watch"],
  args: "[kind] [name]",
  summary: "follow what is changed, by whom, as it happens",
  options: [
    { flags: "-m, --mesh <mesh>", description: "only this mesh; for a name, default: default" },
    { flags: "--after <revision>", description: "begin with what came after this revision; default: now" },
    { flags: "-o, --output <format>", description: "how to print", default: "table", choices: ["table", "json"] },
  ],
  examples: ["meridian watch", "meridian watch traffic-routes -m default", "meridian watch --after 120 -o json"],
  usesControlPlane: true,
  run: watch,
};

async function watch({ io, connect }: CommandContext, args: readonly string[], options: OptionValues): Promise<number> {
  const after = textOption(options, "after");
  const start = after === undefined ? "newest" : parseRevision(after, "--after");
  const client = await connect();
  const { description: _description, ...query } = await resolveLogTarget(client, args, textOption(options, "mesh"));
  const print = textOption(options, "output") === "json" ? printJson(io) : printRows(io);
  await follow({ client, io, query, print }, start);
  return exitCodes.ok;
}

interface Watch {
  readonly client: Client;
  readonly io: CliIo;
  readonly query: LogQuery;
  readonly print: (change: FeedChange) => void;
}

/** Where a watch stands: everything up to `after` was printed, and `printed` changes beyond. */
interface Place {
  after: Revision | "newest";
  printed: number;
}

/** Goes on over lost connections, without a gap and without a line twice, until `io.interrupt` aborts. */
async function follow(watch: Watch, start: Revision | "newest"): Promise<void> {
  const { io } = watch;
  const signal = io.interrupt ?? new AbortController().signal;
  const backoff = new Backoff({ initialMs: 200, maxMs: 5_000 });
  const place: Place = { after: start, printed: 0 };
  let state: "never connected" | "connected" | "lost" = "never connected";
  while (!signal.aborted) {
    try {
      for await (const isNews of readOn(watch, place, signal)) {
        if (state === "lost") io.stderr.write(`Connected again, at revision ${place.after}.\n`);
        state = "connected";
        // Not at the first line: whatever cuts each connection at once must not be asked five times a second for ever.
        if (isNews) backoff.reset();
      }
    } catch (error) {
      if (state === "never connected" || !canGoOn(error, io, place)) throw error;
    }
    if (signal.aborted) return;
    if (state !== "lost") io.stderr.write("The connection to the control plane is lost; trying again …\n");
    state = "lost";
    await delay(backoff.nextDelayMs(), signal);
  }
}

/** Reads one connection to its end; yields after each line whether it was a change that is new. */
async function* readOn({ client, query, print }: Watch, place: Place, signal: AbortSignal): AsyncGenerator<boolean, void, void> {
  let known = place.printed;
  for await (const line of client.watchChanges({ ...query, after: place.after }, signal)) {
    const isNews = "change" in line && known === 0;
    if ("lastRevision" in line) {
      // The first line of a connection only repeats where it starts: what follows may be known in part.
      if (line.lastRevision !== place.after) {
        place.printed = 0;
        known = 0;
      }
      place.after = line.lastRevision;
    } else if (known > 0) known -= 1;
    else {
      print(line.change);
      place.printed += 1;
    }
    yield isNews;
  }
}

/** Whether trying again helps. Where the log no longer reaches back, the watch goes on with what comes next, and says so. */
function canGoOn(error: unknown, io: CliIo, place: Place): boolean {
  if (error instanceof Unreachable) return true;
  if (!(error instanceof ApiFailure)) return false;
  if (error.status === 410) {
    io.stderr.write(`Changes after revision ${place.after} were missed: ${error.detail || error.title}.\n`);
    place.after = "newest";
    place.printed = 0;
    return true;
  }
  return error.status >= 500 || error.status === 429;
}

function printJson(io: CliIo): Watch["print"] {
  return (change) => io.stdout.write(`${JSON.stringify(change)}\n`);
}

function printRows(io: CliIo): Watch["print"] {
  const style = styleOf(io);
  const line = growingTable([8, 24, 18, 7, 32]);
  io.stdout.write(line(["REVISION", "TIME", "AUTHOR", "OUTCOME", "RESOURCE", "MESSAGE"].map(style.bold)));
  return ({ revision, time = "", author = "", outcome, type, mesh, name, message = "" }) => {
    const resource = describeResource({ kind: type, name, ...(mesh !== undefined && { mesh }) });
    io.stdout.write(line([String(revision), time, author, outcomeText(outcome, style), resource, message]));
  };
}
