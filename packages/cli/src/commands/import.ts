import type { Client, ResourceKindAnswer } from "@meridian/client";
import { type CommandContext, type CommandSpec, listOption, type OptionValues, textOption } from "../command.ts";
import { batchTimeoutMs } from "../connection.ts";
import { readDocuments } from "../documents/read-documents.ts";
import { readSources } from "../documents/sources.ts";
import { CommandFailure, exitCodes, usageFailure } from "../failure.ts";
import { notesOn, policiesOnlyHere } from "../import/notes.ts";
import { connectPeer, peerOptions } from "../import/peer-options.ts";
import { planImport } from "../import/plan.ts";
import { readPeer } from "../import/read-peer.ts";
import { countKinds, printReport } from "../import/report.ts";
import { type ImportSource, readExport } from "../import/source.ts";
import { writeImport } from "../import/write.ts";
import { outputOption } from "../output/format.ts";
import { withProgress } from "../output/spinner.ts";

export const importCommand: CommandSpec = {
  path: ["import"],
  summary: "take over everything that a Kuma control plane holds, as one revision, and say what stays behind and why",
  options: [
    ...peerOptions,
    {
      flags: "--from-file <path>",
      description: "output of `kumactl export` instead: a file, a folder, a URL, or - for standard input",
      isRepeatable: true,
    },
    { flags: "-m, --message <text>", description: "why; shown in the history" },
    { flags: "--dry-run", description: "write nothing, and say what would change" },
    { flags: "--skip-invalid", description: "leave behind what this control plane refuses, instead of importing nothing" },
    outputOption("table", "yaml", "json", "name"),
  ],
  examples: [
    "meridian import --from http://kuma-global:5681 --from-token-file admin.token --dry-run",
    "kumactl export --profile all | meridian import --from-file -",
  ],
  usesControlPlane: true,
  run: importAll,
};

async function importAll({ io, connect }: CommandContext, _args: readonly string[], options: OptionValues): Promise<number> {
  const from = textOption(options, "from");
  const files = listOption(options, "fromFile");
  if ((from === undefined) === (files.length === 0)) {
    throw usageFailure("say where to import from: either --from URL or --from-file FILE");
  }
  const client = await connect({ timeoutMs: batchTimeoutMs });
  const dryRun = options["dryRun"] === true;
  const report = await withProgress(io, async (progress) => {
    const kinds = await kindsHere(client);
    const source =
      from === undefined
        ? await fromFiles(files)
        : await readPeer({ peer: await otherThan(client, from), kinds, onProgress: progress });
    const plan = planImport(source);
    progress(`writing ${plan.documents.length} resources`);
    const message = textOption(options, "message") ?? `import from ${source.name}`;
    const written = await writeImport({ client, plan, message, dryRun, skipInvalid: options["skipInvalid"] === true });
    const onlyHere = source.isComplete ? await policiesOnlyHere(client, kinds, plan) : [];
    const taken = written.results.map(({ kind, mesh, name, outcome }) => ({ kind, mesh, name, outcome }));
    const notTaken = [...plan.leftBehind, ...written.refused];
    const stay = onlyHere.length > 0 ? [`only this control plane has these policies, and they stay: ${onlyHere.join(", ")}`] : [];
    return {
      source: source.name,
      dryRun,
      ...(written.revision !== undefined && { revision: written.revision }),
      kinds: countKinds(taken, notTaken),
      taken,
      notTaken,
      notes: [...written.warnings, ...notesOn(plan, written.results), ...stay],
    };

    async function fromFiles(names: readonly string[]): Promise<ImportSource> {
      const sources = await readSources(io, names);
      return {
        name: names.map((name) => (name === "-" ? "standard input" : name)).join(", "),
        ...readExport(readDocuments(sources), kinds),
      };
    }
  });
  printReport(io, report, textOption(options, "output") ?? "table");
  return exitCodes.ok;

  async function otherThan(here: Client, address: string): Promise<Client> {
    const peer = await connectPeer(io, options, address);
    const [ours, theirs] = await Promise.all([here.index(), peer.index()]);
    if (ours.clusterId === undefined || ours.clusterId !== theirs.clusterId) return peer;
    throw new CommandFailure(`${peer.address} is the control plane that you would import into (${here.address})`, {
      hint: "Choose the one that takes the resources with --control-plane.",
    });
  }
}

/** @throws CommandFailure where most kinds could not be written */
async function kindsHere(client: Client): Promise<readonly ResourceKindAnswer[]> {
  const { mode, zone } = await client.index();
  if (mode !== "zone") return client.kinds();
  throw new CommandFailure(
    `${client.address} is the control plane of zone ${zone}: what a mesh is made of is kept at its global`,
    {
      hint: "Import into the global control plane: --control-plane URL",
    },
  );
}
