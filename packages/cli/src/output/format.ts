import { stringify } from "yaml";
import type { OptionSpec } from "../command.ts";
import type { TextStyle } from "./style.ts";

export type OutputFormat = "table" | "yaml" | "json" | "name";

export function outputOption(...choices: readonly OutputFormat[]): OptionSpec {
  return { flags: "-o, --output <format>", description: "how to print", default: "table", choices };
}

/** Several items become several YAML documents, so that they can be applied again as they are. */
export function renderYaml(items: readonly unknown[]): string {
  return items.map((item) => stringify(item, { lineWidth: 0 })).join("---\n");
}

export function renderJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** `TrafficRoute/default/canary` (the control plane's own key) → `TrafficRoute default/canary`. */
export function describePolicy(keyText: string): string {
  const [kind = "", mesh = "", name = ""] = keyText.split("/");
  return describeResource({ kind, mesh, name });
}

export function describeResource({
  kind,
  mesh = "",
  name,
}: {
  readonly kind: string;
  readonly mesh?: string;
  readonly name: string;
}) {
  return `${kind} ${mesh === "" ? "" : `${mesh}/`}${name}`;
}

/** `1 proxy`, `3 proxies` */
export function countText(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

export function outcomeText(outcome: "created" | "updated" | "unchanged" | "deleted" | "absent", style: TextStyle): string {
  return outcome === "unchanged" || outcome === "absent" ? style.dim(outcome) : style.good(outcome);
}
