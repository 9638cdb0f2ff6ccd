import type { HistoryAnswer, HistoryChangeAnswer, HistoryEntryAnswer } from "@meridian/client";
import { type CommandContext, type CommandSpec, type OptionValues, textOption } from "../command.ts";
import { exitCodes, usageFailure } from "../failure.ts";
import { describeResource, outputOption, renderJson, renderYaml } from "../output/format.ts";
import { styleOf } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { type LogTarget, parseRevision, resolveLogTarget } from "../revision-options.ts";

const shownChanges = 3;
const marks = { created: "+", updated: "~", deleted: "-", unchanged: "=", absent: "=" } as const;

export const historyCommand: CommandSpec = {
  path: ["history"],
  args: "[kind] [name]",
  summary: "who changed what, newest first: everything, a kind, or one resource",
  options: [
    { flags: "-m, --mesh <mesh>", description: "mesh of the resource; for a name, default: default" },
    { flags: "--size <count>", description: "revisions of one page, at most 1000", default: "20" },
    { flags: "--before <revision>", description: "only older ones" },
    outputOption("table", "yaml", "json"),
  ],
  examples: [
    "meridian history",
    "meridian history traffic-route canary",
    "meridian history traffic-routes -m default --before 120",
  ],
  usesControlPlane: true,
  run: history,
};

async function history({ io, connect }: CommandContext, args: readonly string[], options: OptionValues): Promise<number> {
  const size = Number(textOption(options, "size"));
  if (!Number.isInteger(size) || size < 1) throw usageFailure("--size must be a whole number greater than 0");
  const before = textOption(options, "before");
  const page = { size, ...(before !== undefined && { before: parseRevision(before, "--before") }) };
  const client = await connect();
  const target = await resolveLogTarget(client, args, textOption(options, "mesh"));
  const { description: _description, ...query } = target;
  const answer = await client.history({ ...query, ...page });
  const output = textOption(options, "output") ?? "table";
  if (output === "json") io.stdout.write(renderJson(answer.items));
  else if (output === "yaml") io.stdout.write(renderYaml(answer.items));
  else if (answer.items.length > 0) io.stdout.write(renderRevisions(answer, query.name !== undefined, io));
  if (output === "table") tellRest(answer, target, io.stderr);
  return exitCodes.ok;
}

function renderRevisions({ items }: HistoryAnswer, isOfOne: boolean, io: CommandContext["io"]): string {
  const header = ["REVISION", "TIME", "AUTHOR", "ADDRESS", "CHANGES", "MESSAGE"];
  const rows = items.map((entry) => {
    const changes = isOfOne ? describeFields(entry) : describeChanges(entry);
    return [String(entry.revision), entry.time, entry.author, entry.address ?? "", changes, entry.message ?? ""];
  });
  return renderTable(header, rows, styleOf(io));
}

/** `+TrafficRoute default/a, ~Mesh default and 4 more` */
function describeChanges({ changes, changeCount }: HistoryEntryAnswer): string {
  const shown = changes.slice(0, shownChanges).map(({ outcome, type, mesh, name }) => {
    return `${marks[outcome]}${describeResource({ kind: type, name, ...(mesh !== undefined && { mesh }) })}`;
  });
  return withRest(shown, changeCount);
}

/** `created`, or `conf.split[0].weight: 90 → 50` */
function describeFields({ changes }: HistoryEntryAnswer): string {
  return changes.map(describeUpdate).join("; ");
}

function describeUpdate({ outcome, fields = [], fieldCount = 0 }: HistoryChangeAnswer): string {
  if (outcome !== "updated" || fieldCount === 0) return outcome;
  const shown = fields.slice(0, shownChanges).map(({ path, before, after }) => {
    if (before === undefined && after === undefined) return `${path} changed`;
    if (before === undefined) return `${path}: +${after}`;
    return after === undefined ? `${path}: -${before}` : `${path}: ${before} → ${after}`;
  });
  return withRest(shown, fieldCount);
}

function withRest(shown: readonly string[], count: number): string {
  return `${shown.join(", ")}${count > shown.length ? ` and ${count - shown.length} more` : ""}`;
}

/** How to go on, or why there is nothing. */
function tellRest(
  { items, before, compactedTo }: HistoryAnswer,
  target: LogTarget,
  output: CommandContext["io"]["stderr"],
): void {
  if (before !== null) output.write(`There are older ones: --before ${before}\n`);
  if (items.length > 0 || before !== null) return;
  const of = target.description === "" ? "" : ` of ${target.description}`;
  const begin = compactedTo > 0 ? `; the log begins after revision ${compactedTo}, what was before was compacted` : "";
  output.write(`There is no history${of}${begin}.\n`);
}
