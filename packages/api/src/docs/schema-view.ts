import type { Json } from "../openapi/schema.ts";
import { escapeHtml, prose } from "./html.ts";

/** Deeper fields are a click on their own schema away. */
const maxDepth = 6;

/** A JSON Schema as nested lists of fields; a reference becomes a link to its schema on the page. */
export function schemaView(schema: Json, depth = 0): string {
  const name = referenceName(schema);
  if (name !== undefined) return `<a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`;
  const items = schema["items"] as Json | undefined;
  if (items) return `list of ${schemaView(items, depth)}`;
  const properties = Object.entries((schema["properties"] ?? {}) as Readonly<Record<string, Json>>);
  if (properties.length === 0 || depth > maxDepth) return `<i>${escapeHtml(typeText(schema))}</i>`;
  const required = new Set((schema["required"] ?? []) as readonly string[]);
  const fields = properties.map(([key, field]) => {
    const mark = required.has(key) ? ' <b class="required">required</b>' : "";
    return `<li><code>${escapeHtml(key)}</code>${mark} ${schemaView(field, depth + 1)}${notes(field)}</li>`;
  });
  return `<ul>${fields.join("")}</ul>`;
}

function referenceName(schema: Json): string | undefined {
  const reference = schema["$ref"];
  return typeof reference === "string" ? reference.slice(reference.lastIndexOf("/") + 1) : undefined;
}

function typeText(schema: Json): string {
  const choices = (schema["anyOf"] ?? schema["oneOf"]) as readonly Json[] | undefined;
  if (choices) return [...new Set(choices.map((choice) => referenceName(choice) ?? typeText(choice)))].join(" or ");
  if (Array.isArray(schema["enum"])) return schema["enum"].map(String).join(" | ");
  if (schema["const"] !== undefined) return String(schema["const"]);
  return typeof schema["type"] === "string" ? schema["type"] : "any";
}

function notes(schema: Json): string {
  const parts = [
    ...(typeof schema["description"] === "string" ? [prose(schema["description"])] : []),
    ...(schema["default"] === undefined ? [] : [`Default: <code>${escapeHtml(JSON.stringify(schema["default"]))}</code>.`]),
  ];
  return parts.length === 0 ? "" : ` <span class="note">${parts.join(" ")}</span>`;
}
