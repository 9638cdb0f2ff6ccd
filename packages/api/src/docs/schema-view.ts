import type { Json } from "../openapi/schema.ts";
import { escapeHtml, prose } from "./html.ts";

/** Deeper fields are a click on their own schema away. */
const maxDepth = 6;

/** A JSON Schema as nested lists of fields; a reference becomes a link to its schema on the page. */
export function schemaView(schema: Json, depth = 0): string {
  const { inline, nested } = parts(schema, depth);
  return inline + nested;
}

/** What a schema is in a word, and its fields: between the two stands what is said of it. */
function parts(schema: Json, depth: number): { readonly inline: string; readonly nested: string } {
  const name = referenceName(schema);
  if (name !== undefined) return word(`<a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`);
  const items = schema["items"] as Json | undefined;
  if (items) return after("list of", parts(items, depth));
  const choices = (schema["anyOf"] ?? schema["oneOf"]) as readonly Json[] | undefined;
  if (choices) return choiceParts(choices, depth);
  const properties = Object.entries((schema["properties"] ?? {}) as Readonly<Record<string, Json>>);
  if (properties.length > 0 && depth <= maxDepth) {
    const required = new Set((schema["required"] ?? []) as readonly string[]);
    const fields = properties.map(([key, field]) => fieldView({ key, field, isRequired: required.has(key) }, depth));
    return { inline: "", nested: `<ul>${fields.join("")}</ul>` };
  }
  const values =
    Object.values((schema["patternProperties"] ?? {}) as Readonly<Record<string, Json>>)[0] ?? schema["additionalProperties"];
  if (typeof values === "object" && values !== null) return after("map of", parts(values as Json, depth));
  return word(`<i>${escapeHtml(typeText(schema))}</i>`);
}

function word(inline: string): { readonly inline: string; readonly nested: string } {
  return { inline, nested: "" };
}

function after(what: string, { inline, nested }: ReturnType<typeof parts>): ReturnType<typeof parts> {
  return { inline: `${what} ${inline}`, nested };
}

/** Equal words once; choices with fields of their own one below the other. */
function choiceParts(choices: readonly Json[], depth: number): ReturnType<typeof parts> {
  const shown = choices.map((choice) => parts(choice, depth + 1));
  if (shown.every(({ nested }) => nested === "")) return word([...new Set(shown.map(({ inline }) => inline))].join(" or "));
  const items = shown.map(({ inline, nested }) => `<li>${inline}${nested}</li>`);
  return { inline: "one of", nested: `<ul>${items.join("")}</ul>` };
}

interface Field {
  readonly key: string;
  readonly field: Json;
  readonly isRequired: boolean;
}

function fieldView({ key, field, isRequired }: Field, depth: number): string {
  const { inline, nested } = parts(field, depth + 1);
  const mark = isRequired ? ' <b class="required">required</b>' : "";
  return `<li><code>${escapeHtml(key)}</code>${mark} ${inline}${notes(field)}${nested}</li>`;
}

function referenceName(schema: Json): string | undefined {
  const reference = schema["$ref"];
  return typeof reference === "string" ? reference.slice(reference.lastIndexOf("/") + 1) : undefined;
}

const formats: Readonly<Record<string, string>> = { "go-duration": "duration", "date-time": "time" };

function typeText(schema: Json): string {
  if (Array.isArray(schema["enum"])) return schema["enum"].map((value) => (value === "" ? '""' : String(value))).join(" | ");
  if (schema["const"] !== undefined) return String(schema["const"]);
  const format = formats[String(schema["format"])];
  if (format !== undefined) return format;
  if (schema["contentEncoding"] !== undefined) return `${schema["contentEncoding"]} text`;
  const types = [schema["type"] ?? "any"].flat();
  return types.map(String).join(" or ");
}

function notes(schema: Json): string {
  const parts = [
    ...(typeof schema["description"] === "string" ? [prose(schema["description"])] : []),
    ...(schema["default"] === undefined ? [] : [`Default: <code>${escapeHtml(JSON.stringify(schema["default"]))}</code>.`]),
  ];
  return parts.length === 0 ? "" : ` <span class="note">${parts.join(" ")}</span>`;
}
