import { CommandFailure, usageFailure } from "../failure.ts";
import type { SourceText } from "./sources.ts";

/** Reads `--var name=value`, each. @throws CommandFailure (usage) */
export function parseVariables(given: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    given.map((text) => {
      const [, name, value] = /^([A-Za-z_][\w.-]*)=(.*)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined) throw usageFailure(`--var ${text} is not of the form name=value`);
      return [name, value] as const;
    }),
  );
}

/**
 * Replaces `{{ name }}`. Without variables the text stays as it is: templates of the mesh itself (`{{ .DisplayName }}`) use the same
 * braces, and names that begin with a dot are left to them in any case.
 * @throws CommandFailure that names every variable without a value
 */
export function substitute(input: SourceText, variables: ReadonlyMap<string, string>): SourceText {
  if (variables.size === 0) return input;
  const missing = new Set<string>();
  const text = input.text.replace(/\{\{\s*([A-Za-z_][\w.-]*)\s*\}\}/g, (whole, name: string) => {
    const value = variables.get(name);
    if (value === undefined) missing.add(name);
    return value ?? whole;
  });
  if (missing.size === 0) return { ...input, text };
  const names = [...missing].sort();
  throw new CommandFailure(`${input.source} uses variables that have no value: ${names.join(", ")}`, {
    hint: `Pass ${names.map((name) => `--var ${name}=VALUE`).join(" ")}`,
  });
}
