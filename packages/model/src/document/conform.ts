import { formatGoDuration, formatLegacyDuration, parseDuration } from "../duration.ts";
import type { KindDefinition } from "../kind.ts";
import { at } from "../violation.ts";
import { alternatives, fieldPath, isObject, itemsOf, type JsonSchema, memberOf } from "./schema-walk.ts";

export interface Conformed {
  readonly value: unknown;
  /** Paths of fields that the schema does not know; they are not in `value`. */
  readonly unknownFields: readonly string[];
}

interface Walk {
  readonly style: KindDefinition["style"];
  readonly unknownFields: string[];
}

/**
 * Brings what a user wrote into the form that the schema describes, before it is checked: unknown fields go (and are named), `null`
 * is absence, durations get the one spelling of the kind's style, and, as proto JSON allows it in legacy kinds, a number may be
 * written as text (`port: "8080"`, what a template often leaves behind), and a field by its name in the proto (`status_code`).
 */
export function conformToSchema(
  value: unknown,
  schema: JsonSchema,
  options: { readonly style: KindDefinition["style"]; readonly path: string },
): Conformed {
  const walk: Walk = { style: options.style, unknownFields: [] };
  return { value: conform(value, alternatives(schema), options.path, walk), unknownFields: walk.unknownFields };
}

function conform(value: unknown, schemas: readonly JsonSchema[], path: string, walk: Walk): unknown {
  if (Array.isArray(value)) {
    const items = itemsOf(schemas);
    return items ? value.map((item, index) => conform(item, items, at(path, index), walk)) : value;
  }
  if (isObject(value)) return conformObject(value, schemas, path, walk);
  return typeof value === "string" ? conformText(value, schemas, walk) : value;
}

function conformObject(
  value: Readonly<Record<string, unknown>>,
  schemas: readonly JsonSchema[],
  path: string,
  walk: Walk,
): unknown {
  // An object where a list or a text is wanted stays as it is: the schema check names the wrong type.
  if (!schemas.some((schema) => schema.type === "object")) return value;
  const entries: [string, unknown][] = [];
  for (const [written, member] of Object.entries(value)) {
    const key = fieldName(written, schemas, walk);
    const known = memberOf(schemas, key);
    if (known.found === "free") entries.push([key, member]);
    else if (known.found === "unknown") walk.unknownFields.push(fieldPath(path, key));
    else if (known.found === "entry") entries.push([key, conform(member, known.schemas, at(path, key), walk)]);
    else if (member !== null) entries.push([key, conform(member, known.schemas, fieldPath(path, key), walk)]);
  }
  // `fromEntries` defines own properties, so a key `__proto__` stays a harmless key.
  return Object.fromEntries(entries);
}

/** proto JSON takes `status_code` for `statusCode`, too; a key of a map stays as it is. */
function fieldName(written: string, schemas: readonly JsonSchema[], walk: Walk): string {
  if (walk.style !== "legacy" || memberOf(schemas, written).found !== "unknown") return written;
  const jsonName = written.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return memberOf(schemas, jsonName).found === "unknown" ? written : jsonName;
}

function conformText(text: string, schemas: readonly JsonSchema[], walk: Walk): unknown {
  if (schemas.some((schema) => schema.format === "duration")) {
    const durationMs = parseDuration(text);
    if (durationMs === undefined) return text;
    return walk.style === "legacy" ? formatLegacyDuration(durationMs) : formatGoDuration(durationMs);
  }
  const wantsNumber = schemas.some((schema) => schema.type === "integer" || schema.type === "number");
  const wantsText = schemas.some((schema) => schema.type === "string");
  if (walk.style === "legacy" && wantsNumber && !wantsText && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return text;
}
