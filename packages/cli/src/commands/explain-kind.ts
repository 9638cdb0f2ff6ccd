import { type CommandContext, type CommandSpec, type OptionValues, textOption } from "../command.ts";
import { type ExplainedKind, explainKind } from "../explain-kind/explanation.ts";
import { renderExplanation } from "../explain-kind/render.ts";
import { exitCodes } from "../failure.ts";
import { findKind, type KindNames } from "../kind-names.ts";
import { renderJson, renderYaml } from "../output/format.ts";
import { styleOf } from "../output/style.ts";
import { renderTable } from "../output/table.ts";

export const explainKindCommand: CommandSpec = {
  path: ["explain-kind"],
  args: "[kind]",
  summary: "what a kind of resource is made of: its fields, their types and meaning, and an example; needs no control plane",
  options: [{ flags: "-o, --output <format>", description: "how to print", default: "text", choices: ["text", "yaml", "json"] }],
  examples: ["meridian explain-kind TrafficRoute", "meridian explain-kind mhttpr.to.rules", "meridian explain-kind mesh -o json"],
  run: explain,
};

async function explain({ io }: CommandContext, [typed]: readonly string[], options: OptionValues): Promise<number> {
  const output = textOption(options, "output") ?? "text";
  const kinds = await builtInKinds();
  if (typed === undefined) {
    const rows = kinds.map(({ kind, path, shortName = "", scope, category }) => [kind, path, shortName, scope, category]);
    if (output === "text") io.stdout.write(renderTable(["KIND", "PATH", "SHORT", "SCOPE", "CATEGORY"], rows, styleOf(io)));
    else print(kinds.map(({ kind, path, shortName, scope, category }) => ({ kind, path, shortName, scope, category })));
    return exitCodes.ok;
  }
  const [name = "", ...fields] = typed.split(".");
  const explanation = explainKind(findKind(kinds, name), fields.join("."));
  if (output === "text") io.stdout.write(renderExplanation(explanation, styleOf(io)));
  else print(explanation);
  return exitCodes.ok;

  function print(value: unknown): void {
    io.stdout.write(output === "json" ? renderJson(value) : renderYaml([value]));
  }
}

/** The kinds that this version knows. They are loaded here only: no other command waits for them. */
export async function builtInKinds(): Promise<readonly (ExplainedKind & KindNames)[]> {
  const [{ coreKinds }, { policyKinds }] = await Promise.all([import("@meridian/model"), import("@meridian/policies")]);
  return [...coreKinds, ...policyKinds].map((kind) => ({ ...kind, name: kind.kind })).sort((a, b) => (a.kind < b.kind ? -1 : 1));
}
