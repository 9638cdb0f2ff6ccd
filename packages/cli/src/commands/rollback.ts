import type { RollbackAnswer, RollbackRequest } from "@meridian/client";
import { type CommandContext, type CommandSpec, listOption, type OptionValues, textOption } from "../command.ts";
import { exitCodes } from "../failure.ts";
import type { CliIo } from "../io.ts";
import { colourDiff } from "../output/diff.ts";
import { describeResource, outcomeText } from "../output/format.ts";
import { styleOf } from "../output/style.ts";
import { readResourceNames } from "../resource-names.ts";
import { parseRevision } from "../revision-options.ts";
import { waitExitCodes, waitOptions, waitSettings } from "../waiting/options.ts";
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
  notes: waitExitCodes,
  usesControlPlane: true,
  run: rollback,
};

async function rollback({ io, connect }: CommandContext, args: readonly string[], options: OptionValues): Promise<number> {
  const revision = parseRevision(args[0] ?? "", "the revision");
  const { isWanted, allZones, timeoutMs } = waitSettings(options);
  const dryRun = options["dryRun"] === true;
  const message = textOption(options, "message");
  const client = await connect();
  const only = await readResourceNames(client, listOption(options, "only"), {
    flag: "--only",
    mesh: textOption(options, "mesh") ?? "default",
  });
  const request: RollbackRequest = {
    revision,
    ...(only.length > 0 && { only }),
    ...(message !== undefined && { message }),
    ...(dryRun && { dryRun }),
  };
  const startedMs = io.now();
  const answer = await client.rollback(request);
  report(io, answer);
  if (dryRun || answer.results.length === 0 || !isWanted) return exitCodes.ok;
  return waitForConvergence({ client, io, revision: answer.revision, allZones, timeoutMs, startedMs });
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
