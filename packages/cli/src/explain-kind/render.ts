import type { TextStyle } from "../output/style.ts";
import type { KindExplanation } from "./explanation.ts";
import type { FieldDoc } from "./fields.ts";

const lineWidth = 100;

/** For people: what the kind is, each field by its dotted path, and an example that can be applied. */
export function renderExplanation(explanation: KindExplanation, style: TextStyle): string {
  const { kind, path, shortName, scope, category, fields, example } = explanation;
  const names = [path, ...(shortName === undefined ? [] : [shortName])].join(", ");
  const title = `${style.bold(kind)} (${names}) · ${category}, ${scope === "mesh" ? "of a mesh" : "of the whole control plane"}`;
  const shown = fields.map((field) => renderField(field, style)).join("");
  const end = example === undefined ? "" : `\n${style.bold("Example")}\n${indent(example.trimEnd(), "  ")}\n`;
  return `${title}\n\n${style.bold("Fields")}\n${shown}${end}`;
}

function renderField(field: FieldDoc, style: TextStyle): string {
  const facts = [field.type, ...(field.required ? [style.warn("required")] : [])].join(", ");
  const lines = [...wrap(field.description ?? ""), ...wrap(limitsOf(field))];
  const body = lines.map((line) => `      ${line}\n`).join("");
  return `  ${style.good(field.path)}  ${style.dim("<")}${facts}${style.dim(">")}\n${body}`;
}

function limitsOf(field: FieldDoc): string {
  const { choices, minimum, maximum } = field;
  const range = minimum !== undefined && maximum !== undefined ? `${minimum} to ${maximum}` : undefined;
  const limits = [
    ...(choices ? [`One of: ${choices.map(String).join(", ")}.`] : []),
    ...(range !== undefined ? [`Range: ${range}.`] : []),
    ...(range === undefined && minimum !== undefined ? [`At least ${minimum}.`] : []),
    ...(range === undefined && maximum !== undefined ? [`At most ${maximum}.`] : []),
    ...(field.default === undefined ? [] : [`Default: ${textOf(field.default)}.`]),
  ];
  return limits.join(" ");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= lineWidth) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function indent(text: string, by: string): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? line : by + line))
    .join("\n");
}
