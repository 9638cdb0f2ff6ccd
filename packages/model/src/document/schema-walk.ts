import { at } from "../violation.ts";

/** The part of JSON Schema that kinds use. TypeBox schemas are plain JSON Schema objects. */
export interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly required?: readonly string[];
}

/** Every schema that may describe a value, with unions and intersections taken apart. */
export function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const nested = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return nested.length === 0 ? [schema] : [schema, ...nested.flatMap(alternatives)];
}

export type Member =
  | { readonly found: "field" | "entry"; readonly schemas: readonly JsonSchema[] }
  /** The object may hold anything there. */
  | { readonly found: "free" }
  | { readonly found: "unknown" };

/** What the schemas of an object say of its member `key`. */
export function memberOf(schemas: readonly JsonSchema[], key: string): Member {
  const fields = schemas.flatMap((schema) => ownValue(schema.properties, key) ?? []);
  if (fields.length > 0) return { found: "field", schemas: fields.flatMap(alternatives) };
  const entries = schemas.flatMap((schema) => [
    ...Object.values(schema.patternProperties ?? {}),
    ...(typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : []),
  ]);
  if (entries.length > 0) return { found: "entry", schemas: entries.flatMap(alternatives) };
  return schemas.some(isFree) ? { found: "free" } : { found: "unknown" };
}

/** Says nothing about members: `Type.Any()`, or an object that explicitly takes more. */
function isFree(schema: JsonSchema): boolean {
  if (schema.additionalProperties === true) return true;
  const says = schema.type ?? schema.enum ?? schema.const ?? schema.anyOf ?? schema.oneOf ?? schema.allOf;
  return says === undefined && schema.properties === undefined;
}

export function itemsOf(schemas: readonly JsonSchema[]): readonly JsonSchema[] | undefined {
  const items = schemas.flatMap((schema) => (schema.items ? alternatives(schema.items) : []));
  return items.length > 0 ? items : undefined;
}

export function ownValue<V>(record: Readonly<Record<string, V>> | undefined, key: string): V | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `conf` + field `split` is `conf.split`; below the root of a legacy kind there is no prefix. */
export function fieldPath(parent: string, field: string): string {
  return parent === "" ? field : `${parent}.${field}`;
}

/** The way to a place in a spec: field names, keys of maps, and indexes (as numbers, or as ajv has them, as text). */
export type Keys = readonly (string | number)[];

/**
 * The path that users know for a way into a spec: `tags`, `version` is `tags["version"]` where `tags` is a map.
 * @param prefix where the spec stands: "" or `spec`.
 */
export function pathOfKeys(root: JsonSchema, keys: Keys, prefix: string): string {
  let schemas: readonly JsonSchema[] = alternatives(root);
  let path = prefix;
  for (const key of keys) {
    const next = schemasBelow(schemas, key);
    const isIndex = next.found === "item" || typeof key === "number";
    path = isIndex ? at(path, Number(key)) : next.found === "entry" ? at(path, key) : fieldPath(path, key);
    schemas = next.schemas;
  }
  return path;
}

/** What the schemas of a place say of the place one key further; empty where they say nothing. */
export function schemasBelow(
  schemas: readonly JsonSchema[],
  key: string | number,
): { readonly found: "item" | Member["found"]; readonly schemas: readonly JsonSchema[] } {
  const items = itemsOf(schemas);
  if (items && /^\d+$/.test(String(key))) return { found: "item", schemas: items };
  const member = memberOf(schemas, String(key));
  return { found: member.found, schemas: "schemas" in member ? member.schemas : [] };
}
