import type { Json } from "../openapi/schema.ts";

/**
 * A schema that takes no field which it does not name: what a server answers beyond its own description is a mistake in one of both,
 * while clients must go on reading answers that grow. A part of a combination (`allOf`) stays open; the whole is closed.
 */
export function closed(schema: Json): Json {
  return close(schema, false) as Json;
}

function close(value: unknown, isPart: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => close(item, isPart));
  if (typeof value !== "object" || value === null) return value;
  const schema = value as Json;
  const isCombined = "allOf" in schema || ("properties" in schema && ("anyOf" in schema || "oneOf" in schema));
  const entries = Object.entries(schema).map(([key, member]): [string, unknown] => {
    if (key === "properties" || key === "patternProperties" || key === "$defs") return [key, eachClosed(member as Json)];
    if (key === "items" || key === "additionalProperties") return [key, close(member, false)];
    if (key === "allOf" || key === "anyOf" || key === "oneOf") return [key, close(member, isCombined || isPart)];
    return [key, member];
  });
  const isClosed = !isPart && (isCombined || ("properties" in schema && !("additionalProperties" in schema)));
  return { ...Object.fromEntries(entries), ...(isClosed && { unevaluatedProperties: false }) };
}

function eachClosed(schemas: Json): Json {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, close(schema, false)]));
}
