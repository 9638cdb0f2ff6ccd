import { stringify } from "yaml";
import type { CommandContext, CommandSpec, OptionValues } from "../command.ts";
import { listOption, textOption } from "../command.ts";
import { exitCodes } from "../failure.ts";
import { renderExplanation } from "../output/explanation.ts";
import { renderJson } from "../output/format.ts";
import { withProgress } from "../output/spinner.ts";
import { styleOf } from "../output/style.ts";

/** So that scripts can ask, too; `partly` counts as blocked, and what the client's proxy answers by itself as it should does not. */
const explainExitCodes = { reaches: exitCodes.ok, answered: exitCodes.ok, blocked: 1, partly: 1, unknown: 3 } as const;

export const explainCommand: CommandSpec = {
  path: ["explain"],
  args: "<from> <to>",
  summary:
    "say why a request of one service to another arrives or does not; exit code 0: it does, 1: it does not, 3: unknown here",
  options: [
    { flags: "--mesh <mesh>", description: "mesh of both", default: "default" },
    { flags: "--path <path>", description: "of the request, with its query", default: "/" },
    { flags: "--method <method>", description: "of the request", default: "GET" },
    { flags: "--header <name:value>", description: "of the request", isRepeatable: true },
    { flags: "--zone <zone>", description: "of the client, where it runs in several" },
    { flags: "-o, --output <format>", description: "how to print", default: "text", choices: ["text", "json", "yaml"] },
  ],
  examples: [
    "meridian explain web orders",
    "meridian explain web orders --path /api/v2/orders --method POST --header 'x-canary: yes'",
    "meridian explain web-7f9c orders --zone east -o json | jq .verdict",
    "meridian explain edge-gateway shop.example:8080 --path /cart",
  ],
  usesControlPlane: true,
  run: explain,
};

async function explain(
  { io, connect }: CommandContext,
  [from = "", to = ""]: readonly string[],
  options: OptionValues,
): Promise<number> {
  const client = await connect();
  const [path, method, zone] = [textOption(options, "path"), textOption(options, "method"), textOption(options, "zone")];
  const answer = await withProgress(io, (say) => {
    say("following the request");
    return client.explain(textOption(options, "mesh") ?? "default", {
      ...{ from, to, header: listOption(options, "header") },
      ...(path !== undefined && { path }),
      ...(method !== undefined && { method }),
      ...(zone !== undefined && { zone }),
    });
  });
  const output = textOption(options, "output");
  if (output === "json") io.stdout.write(renderJson(answer));
  else if (output === "yaml") io.stdout.write(stringify(answer, { lineWidth: 0, aliasDuplicateObjects: false }));
  else io.stdout.write(renderExplanation(answer, styleOf(io)));
  return explainExitCodes[answer.verdict.outcome];
}
