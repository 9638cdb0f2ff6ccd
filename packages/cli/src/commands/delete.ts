import { ApiFailure, type ApplyRequest, type Client } from "@meridian/client";
import type { CommandContext, CommandSpec, OptionValues } from "../command.ts";
import { listOption, textOption } from "../command.ts";
import { readDocuments } from "../documents/read-documents.ts";
import { readSources } from "../documents/sources.ts";
import { exitCodes, usageFailure } from "../failure.ts";
import { readCandidate } from "../import/candidate.ts";
import type { CliIo } from "../io.ts";
import { resolveKind } from "../kind-names.ts";
import { describeResource, outcomeText } from "../output/format.ts";
import { styleOf } from "../output/style.ts";
import { waitExitCodes, waitOptions, waitSettings } from "../waiting/options.ts";
import { waitForConvergence } from "../waiting/wait.ts";
import { absence } from "./get.ts";

export const deleteCommand: CommandSpec = {
  path: ["delete"],
  args: "[kind] [name]",
  summary: "delete a resource, or everything that files name, in one revision",
  options: [
    { flags: "-m, --mesh <mesh>", description: "mesh of the resource, and of documents that name none", default: "default" },
    {
      flags: "-f, --file <path>",
      description: "what this file, folder or URL names, or - for standard input; what is not there is fine",
      isRepeatable: true,
    },
    { flags: "--message <text>", description: "why; shown in the history" },
    { flags: "--dry-run", description: "only say what would be deleted" },
    ...waitOptions,
  ],
  examples: ["meridian delete traffic-route canary", "meridian delete zone east", "meridian delete -f policies/"],
  notes: waitExitCodes,
  usesControlPlane: true,
  run: deleteResources,
};

async function deleteResources({ io, connect }: CommandContext, args: readonly string[], options: OptionValues): Promise<number> {
  const [typedKind, name] = args;
  const files = listOption(options, "file");
  const { isWanted, allZones, timeoutMs } = waitSettings(options);
  if (files.length === 0 && (typedKind === undefined || name === undefined)) {
    throw usageFailure(
      "say what to delete: a kind and a name, or --file FILE",
      "For instance: meridian delete traffic-route canary",
    );
  }
  if (files.length > 0 && typedKind !== undefined) throw usageFailure("either a kind and a name, or --file, not both");
  const mesh = textOption(options, "mesh") ?? "default";
  const client = await connect();
  const startedMs = io.now();
  const revision =
    files.length > 0
      ? await deleteFiles({ client, io, mesh, options }, files)
      : await deleteOne({ client, io, mesh, options }, typedKind ?? "", name ?? "");
  if (revision === undefined || !isWanted) return exitCodes.ok;
  return waitForConvergence({ client, io, revision, allZones, timeoutMs, startedMs });
}

interface Deletion {
  readonly client: Client;
  readonly io: CliIo;
  readonly mesh: string;
  readonly options: OptionValues;
}

/**
 * Undefined where nothing was deleted. A plain deletion is the DELETE that other control planes know, too; a rehearsal and a message
 * need the batch.
 */
async function deleteOne(deletion: Deletion, typedKind: string, name: string): Promise<number | undefined> {
  const { client, io, options } = deletion;
  const kind = await resolveKind(client, typedKind);
  const at = { path: kind.path, ...(kind.scope === "Mesh" && { mesh: deletion.mesh }), name };
  const isBatch = options["dryRun"] === true || textOption(options, "message") !== undefined;
  try {
    if (isBatch) {
      await client.get(at);
      return await deleteBatch(deletion, [{ type: kind.name, ...(at.mesh !== undefined && { mesh: at.mesh }), name }]);
    }
    const { revision } = await client.delete(at);
    io.stdout.write(`${describeResource({ ...at, kind: kind.name })} deleted\n`);
    return revision;
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 404) throw error;
    throw await absence(client, { ...at, kind }, error);
  }
}

/** Undefined where nothing was deleted. */
async function deleteFiles(deletion: Deletion, files: readonly string[]): Promise<number | undefined> {
  const { client, io, mesh } = deletion;
  const documents = readDocuments(await readSources(io, files));
  const candidates = documents.map(({ value, source, line }) => readCandidate(value, `${source}:${line}`));
  const scopes = new Map((await client.kinds()).map((kind) => [kind.name, kind.scope]));
  const deletes = candidates.map(({ kind: type, mesh: own, name }) => {
    return { type, ...(scopes.get(type) !== "Global" && { mesh: own || mesh }), name };
  });
  return deleteBatch(deletion, deletes);
}

async function deleteBatch(
  { client, io, options }: Deletion,
  deletes: NonNullable<ApplyRequest["deletes"]>,
): Promise<number | undefined> {
  const message = textOption(options, "message");
  const dryRun = options["dryRun"] === true;
  const answer = await client.apply({ documents: [], deletes, dryRun, ...(message !== undefined && { message }) });
  const style = styleOf(io);
  for (const result of answer.results) {
    io.stdout.write(`${describeResource(result)} ${outcomeText(result.outcome, style)}${dryRun ? " (dry run)" : ""}\n`);
  }
  for (const warning of answer.warnings ?? []) io.stderr.write(`${style.warn("Warning:")} ${warning}\n`);
  return dryRun ? undefined : answer.revision;
}
