import type { TSchema } from "@sinclair/typebox";
import { isObject, type JsonSchema, ownValue } from "./schema-walk.ts";

/**
 * A copy of `spec` with the `default` of each field that is absent, as the API server of Kubernetes fills them in: inside what is
 * there, never making an object appear only to hold defaults. Filling twice changes nothing.
 */
export function fillDefaults<Spec>(schema: TSchema, spec: Spec): Spec {
  return fill(schema as unknown as JsonSchema, spec) as Spec;
}

function fill(schema: JsonSchema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.map((item) => fill(items, item)) : value;
  }
  if (!isObject(value)) return value;
  const present = Object.entries(value).map(([key, member]) => {
    const known = ownValue(schema.properties, key) ?? entrySchema(schema);
    return [key, known ? fill(known, member) : member] as const;
  });
  const absent = Object.entries(schema.properties ?? {})
    .filter(([key, property]) => property.default !== undefined && !Object.hasOwn(value, key))
    .map(([key, property]) => [key, structuredClone(property.default)] as const);
  return Object.fromEntries([...present, ...absent]);
}

/** What the values of a map look like. */
function entrySchema({ additionalProperties, patternProperties }: JsonSchema): JsonSchema | undefined {
  if (typeof additionalProperties === "object") return additionalProperties;
  return Object.values(patternProperties ?? {})[0];
}
