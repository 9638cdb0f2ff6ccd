import type { Client, RollbackAnswer, RollbackRequest } from "@meridian/client";
import { type CommandContext, type CommandSpec, listOption, type OptionValues, textOption } from "../command.ts";
import { exitCodes, usageFailure } from "../failure.ts";
import type { CliIo } from "../io.ts";
import { resolveKind } from "../kind-names.ts";
import { colourDiff } from "../output/diff.ts";
import { describeResource, outcomeText } from "../output/format.ts";
import { styleOf } from "../output/style.ts";
import { parseRevision } from "../revision-options.ts";
import { parseTimeout, waitOptions } from "../waiting/options.ts";
import { waitForConvergence } from "../waiting/wait.ts";

export const rollbackCommand: CommandSpec = {
  path: ["rollback"],
  args: "<revision>",
  summary: "make everything what it was at a revision, as one new revision; what zones own stays",
  options: [
    { flags: "--only <kind/name>", description: "only this resource, also as kind/mesh/name", isRepeatable: true },
    { flags: "--mesh <mesh>", description: "mesh of --only kind/name", default: "default" },
    { flags: "-m, --message <text>", description: "why; shown in the history" },
    { flags: "--dry-run", description: "only show what would change" },
    ...waitOptions,
  ],
  examples: ["meridian rollback 41 --dry-run", 'meridian rollback 41 --only traffic-route/canary -m "the canary failed" --wait'],
  usesControlPlane: true,
  run: rollback,
};

async function rollback({ io, connect }: CommandContext, args: readonly string[], options: OptionValues): Promise<number> {
  const revision = parseRevision(args[0] ?? "", "the revision");
  const timeoutMs = parseTimeout(options);
  const dryRun = options["dryRun"] === true;
  const message = textOption(options, "message");
  const client = await connect();
  const only = await readOnly(client, listOption(options, "only"), textOption(options, "mesh") ?? "default");
  const request: RollbackRequest = {
    revision,
    ...(only.length > 0 && { only }),
    ...(message !== undefined && { message }),
    ...(dryRun && { dryRun }),
  };
  const startedMs = io.now();
  const answer = await client.rollback(request);
  report(io, answer);
  if (dryRun || answer.results.length === 0 || options["wait"] !== true) return exitCodes.ok;
  return waitForConvergence({ client, io, revision: answer.revision, timeoutMs, startedMs });
}

async function readOnly(client: Client, texts: readonly string[], mesh: string): Promise<NonNullable<RollbackRequest["only"]>> {
  const keys: { readonly type: string; readonly mesh?: string; readonly name: string }[] = [];
  for (const text of texts) {
    const parts = text.split("/");
    const [typedKind = "", ...rest] = parts;
    const name = rest.at(-1);
    if (!typedKind || !name || parts.length > 3) {
      throw usageFailure(
        `--only ${text} names no resource`,
        "Use a form like --only traffic-route/canary or traffic-route/default/canary",
      );
    }
    const kind = await resolveKind(client, typedKind);
    const ownMesh = rest.length === 2 ? (rest[0] ?? mesh) : mesh;
    keys.push({ type: kind.name, ...(kind.scope === "Mesh" && { mesh: ownMesh }), name });
  }
  return keys;
}

function report(io: CliIo, answer: RollbackAnswer): void {
  const style = styleOf(io);
  const { results, restored, revision, dryRun = false } = answer;
  for (const { type, mesh, name, outcome } of results) {
    const resource = describeResource({ kind: type, name, ...(mesh !== undefined && { mesh }) });
    io.stdout.write(`${resource} ${outcomeText(outcome, style)}${dryRun ? " (dry run)" : ""}\n`);
  }
  for (const { diff } of answer.diffs ?? []) io.stdout.write(`\n${colourDiff(diff, style)}`);
  for (const warning of answer.warnings ?? []) io.stderr.write(`${style.warn("Warning:")} ${warning}\n`);
  for (const { count, type, reason } of answer.leftAlone) io.stderr.write(`Left as it is: ${count} ${type} (${reason})\n`);
  if (results.length === 0) io.stderr.write(`Nothing to do: it is as it was at revision ${restored}.\n`);
  else if (!dryRun) io.stdout.write(`rolled back to revision ${restored}, as revision ${style.bold(String(revision))}\n`);
}
