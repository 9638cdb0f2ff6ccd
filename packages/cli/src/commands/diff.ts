import type { Client, ResourceDiffAnswer } from "@meridian/client";
import { type CommandContext, type CommandSpec, type OptionValues, textOption } from "../command.ts";
import { exitCodes } from "../failure.ts";
import { colourDiff } from "../output/diff.ts";
import { describeResource, renderJson } from "../output/format.ts";
import { styleOf } from "../output/style.ts";
import { type LogTarget, parseRevision, resolveLogTarget } from "../revision-options.ts";

export const diffCommand: CommandSpec = {
  path: ["diff"],
  args: "<revision> <other> [kind] [name]",
  summary: "show what differs between two revisions, as a unified diff of YAML; `now` is the newest one",
  options: [
    { flags: "-m, --mesh <mesh>", description: "mesh of the resource; for a name, default: default" },
    { flags: "-o, --output <format>", description: "how to print", default: "diff", choices: ["diff", "json", "name"] },
  ],
  examples: ["meridian diff 40 now", "meridian diff 40 42 traffic-route canary", "meridian diff 42 40 -o name"],
  usesControlPlane: true,
  run: diff,
};

async function diff({ io, connect }: CommandContext, args: readonly string[], options: OptionValues): Promise<number> {
  const [fromText = "", toText = "", ...typed] = args;
  const from = parseRevision(fromText, "the first revision");
  const to = toText === "now" ? {} : { to: parseRevision(toText, "the second revision") };
  const client = await connect();
  const target = await resolveLogTarget(client, typed, textOption(options, "mesh"));
  const output = textOption(options, "output") ?? "diff";
  const style = styleOf(io);
  const found: ResourceDiffAnswer[] = [];
  for await (const item of allDiffs(client, { from, ...to }, target)) {
    if (output === "json") found.push(item);
    else io.stdout.write(output === "name" ? `${describeDiff(item)}\n` : colourDiff(item.diff, style));
    if (output !== "json") found[0] ??= item;
  }
  if (output === "json") io.stdout.write(renderJson(found));
  else if (found.length === 0) {
    const of = target.description === "" ? "Nothing differs" : `Nothing of ${target.description} differs`;
    io.stderr.write(`${of} between revision ${from} and ${toText === "now" ? "now" : `revision ${toText}`}.\n`);
  }
  return exitCodes.ok;
}

/** Page by page, however many there are. */
async function* allDiffs(
  client: Client,
  between: { readonly from: number; readonly to?: number },
  { description: _description, ...query }: LogTarget,
): AsyncGenerator<ResourceDiffAnswer, void, void> {
  let range = between;
  for (let offset: number | null = 0; offset !== null; ) {
    const page = await client.diff({ ...range, ...query, offset });
    yield* page.items;
    // From here on that of the first page, also where `now` moves on.
    range = { from: page.from, to: page.to };
    offset = page.nextOffset;
  }
}

function describeDiff({ outcome, type, mesh, name }: ResourceDiffAnswer): string {
  return `${describeResource({ kind: type, name, ...(mesh !== undefined && { mesh }) })} ${outcome}`;
}
