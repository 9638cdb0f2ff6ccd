import { ApiFailure } from "@meridian/client";
import { stringify } from "yaml";
import type { CommandContext, CommandSpec, OptionValues } from "../command.ts";
import { listOption, textOption } from "../command.ts";
import { batchTimeoutMs } from "../connection.ts";
import { locate } from "../documents/locate.ts";
import { readDocuments } from "../documents/read-documents.ts";
import { readSources } from "../documents/sources.ts";
import { parseVariables, substitute } from "../documents/variables.ts";
import { exitCodes, usageFailure } from "../failure.ts";
import { describeResource, renderJson } from "../output/format.ts";
import { renderPlan } from "../output/plan.ts";
import { withProgress } from "../output/spinner.ts";
import { styleOf } from "../output/style.ts";
import { readResourceNames } from "../resource-names.ts";

/** As `terraform plan -detailed-exitcode`, so that scripts can tell; a command that is not understood is a failure too. */
const planExitCodes = { same: exitCodes.ok, failed: exitCodes.failed, changed: 2 } as const;

export const planCommand: CommandSpec = {
  path: ["plan"],
  summary: "show what an apply would do to the proxies of all zones, and write nothing; exit code 0: nothing, 2: something",
  options: [
    { flags: "-f, --file <path>", description: "file, folder, URL, or - for standard input", isRepeatable: true },
    { flags: "--delete <kind/name>", description: "plan to delete this resource, also as kind/mesh/name", isRepeatable: true },
    { flags: "-v, --var <name=value>", description: "replaces {{ name }} in the documents", isRepeatable: true },
    { flags: "--mesh <mesh>", description: "mesh of documents that name none, and of --delete kind/name" },
    { flags: "--envoy", description: "also show how the Envoy resources differ, once for proxies that change alike" },
    { flags: "-o, --output <format>", description: "how to print", default: "text", choices: ["text", "json", "yaml"] },
  ],
  examples: [
    "meridian plan -f canary.yaml",
    "meridian plan -f policies/ --delete traffic-permission/everything --envoy",
    "meridian plan -f canary.yaml -o json; [ $? -eq 2 ] && meridian apply -f canary.yaml --wait",
  ],
  usesControlPlane: true,
  usageExitCode: planExitCodes.failed,
  run: plan,
};

async function plan({ io, connect }: CommandContext, _args: readonly string[], options: OptionValues): Promise<number> {
  const files = listOption(options, "file");
  const deletes = listOption(options, "delete");
  if (files.length + deletes.length === 0)
    throw usageFailure("there is nothing to plan: say -f FILE, --delete KIND/NAME, or both");
  const variables = parseVariables(listOption(options, "var"));
  const sources = await readSources(io, files);
  const documents = files.length === 0 ? [] : readDocuments(sources.map((source) => substitute(source, variables)));
  const mesh = textOption(options, "mesh");
  const client = await connect({ timeoutMs: batchTimeoutMs });
  const request = {
    documents: documents.map(({ value }) => value),
    deletes: await readResourceNames(client, deletes, { flag: "--delete", mesh: mesh ?? "default" }),
    ...(mesh !== undefined && { mesh }),
    envoy: options["envoy"] === true,
  };
  const answer = await withProgress(io, (say) => {
    say("planning");
    return client.plan(request);
  }).catch((error: unknown) => {
    throw error instanceof ApiFailure ? locate(error, documents) : error;
  });
  const style = styleOf(io);
  for (const result of answer.results) {
    for (const warning of result.warnings) io.stderr.write(`${style.warn("Warning:")} ${describeResource(result)}: ${warning}\n`);
  }
  for (const warning of answer.warnings ?? []) io.stderr.write(`${style.warn("Warning:")} ${warning}\n`);
  const output = textOption(options, "output");
  if (output === "json") io.stdout.write(renderJson(answer));
  else
    io.stdout.write(
      output === "yaml" ? stringify(answer, { lineWidth: 0, aliasDuplicateObjects: false }) : renderPlan(answer, style),
    );
  return answer.changed ? planExitCodes.changed : planExitCodes.same;
}
