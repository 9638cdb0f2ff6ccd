import { ApiFailure, type ApplyAnswer } from "@meridian/client";
import type { CommandContext, CommandSpec, OptionValues } from "../command.ts";
import { listOption, textOption } from "../command.ts";
import { batchTimeoutMs } from "../connection.ts";
import { locate } from "../documents/locate.ts";
import { readDocuments } from "../documents/read-documents.ts";
import { readSources } from "../documents/sources.ts";
import { parseVariables, substitute } from "../documents/variables.ts";
import { exitCodes } from "../failure.ts";
import type { CliIo } from "../io.ts";
import { describeResource, outcomeText, renderJson, renderYaml } from "../output/format.ts";
import { withProgress } from "../output/spinner.ts";
import { styleOf } from "../output/style.ts";
import { waitExitCodes, waitOptions, waitSettings } from "../waiting/options.ts";
import { tellPolicies } from "../waiting/policies.ts";
import { waitForConvergence } from "../waiting/wait.ts";

export const applyCommand: CommandSpec = {
  path: ["apply"],
  summary: "create or replace resources, all in one revision: all of them or none",
  options: [
    {
      flags: "-f, --file <path>",
      description: "file, folder, URL, or - for standard input",
      isRepeatable: true,
      isRequired: true,
    },
    { flags: "-v, --var <name=value>", description: "replaces {{ name }} in the documents", isRepeatable: true },
    { flags: "-m, --message <text>", description: "why; shown in the history" },
    { flags: "--mesh <mesh>", description: "mesh of documents that name none" },
    { flags: "--dry-run", description: "validate only, and say what would change" },
    {
      flags: "-o, --output <format>",
      description: "how to print what became of each",
      default: "text",
      choices: ["text", "yaml", "json", "name"],
    },
    ...waitOptions,
  ],
  examples: [
    'meridian apply -f policies/ -m "canary to 50 %" --wait',
    "cat route.yaml | meridian apply -f - --var version=v2",
    "meridian apply -f https://example.com/mesh.yaml --dry-run",
  ],
  notes: waitExitCodes,
  usesControlPlane: true,
  run: apply,
};

async function apply({ io, connect }: CommandContext, _args: readonly string[], options: OptionValues): Promise<number> {
  const { isWanted, allZones, timeoutMs } = waitSettings(options);
  const variables = parseVariables(listOption(options, "var"));
  const sources = await readSources(io, listOption(options, "file"));
  const documents = readDocuments(sources.map((source) => substitute(source, variables)));
  const message = textOption(options, "message");
  const mesh = textOption(options, "mesh");
  const dryRun = options["dryRun"] === true;

  const client = await connect({ timeoutMs: batchTimeoutMs });
  const startedMs = io.now();
  const request = {
    documents: documents.map(({ value }) => value),
    ...(message !== undefined && { message }),
    ...(mesh !== undefined && { mesh }),
    ...(dryRun && { dryRun }),
  };
  const answer = await withProgress(io, (say) => {
    say(`applying ${documents.length} documents`);
    return client.apply(request);
  }).catch((error: unknown) => {
    throw error instanceof ApiFailure ? locate(error, documents) : error;
  });
  const output = textOption(options, "output") ?? "text";
  report(io, answer, { dryRun, output });
  if (dryRun || !isWanted) return exitCodes.ok;
  // What a program reads holds nothing else.
  const waitIo = output === "text" ? io : { ...io, stdout: io.stderr };
  const exitCode = await waitForConvergence({ client, io: waitIo, revision: answer.revision, allZones, timeoutMs, startedMs });
  const leftMs = Math.max(Math.ceil(startedMs + timeoutMs - io.now()), 1);
  const ofPolicies = await tellPolicies({ client, io: waitIo, written: answer.results, timeoutMs: leftMs });
  return exitCode === exitCodes.ok ? ofPolicies : exitCode;
}

interface ReportOptions {
  readonly dryRun: boolean;
  readonly output: string;
}

function report(io: CliIo, answer: ApplyAnswer, { dryRun, output }: ReportOptions): void {
  const style = styleOf(io);
  if (output === "json") io.stdout.write(renderJson(answer));
  if (output === "yaml") io.stdout.write(renderYaml([answer]));
  for (const result of answer.results) {
    const resource = describeResource(result);
    const { kind, mesh, name, outcome } = result;
    if (output === "text") io.stdout.write(`${resource} ${outcomeText(outcome, style)}${dryRun ? " (dry run)" : ""}\n`);
    if (output === "name") io.stdout.write(`${[kind, mesh, name].filter(Boolean).join("/")}\n`);
    for (const warning of result.warnings) io.stderr.write(`${style.warn("Warning:")} ${resource}: ${warning}\n`);
  }
  for (const warning of answer.warnings ?? []) io.stderr.write(`${style.warn("Warning:")} ${warning}\n`);
}
