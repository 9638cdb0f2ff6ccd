import type { JsonSchema } from "@meridian/model";

/** One field of a kind, for people. */
export interface FieldDoc {
  /** `spec.to[].default.weight`; `[]` is an item of a list, `[*]` the value of a map. */
  readonly path: string;
  /** `integer`, `list of object`, `map of string`, `duration`, `integer or string`. */
  readonly type: string;
  readonly required: boolean;
  readonly description?: string;
  readonly default?: unknown;
  readonly choices?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Every field below a schema, depth first, in the order in which the kind names them. @param path where the schema stands: "" or `spec` */
export function fieldsOf(schema: unknown, path: string): readonly FieldDoc[] {
  return membersOf(schema as JsonSchema, path);
}

function membersOf(schema: JsonSchema, path: string): readonly FieldDoc[] {
  const parts = alternatives(schema);
  const fields = new Map<string, FieldDoc>();
  const add = (docs: readonly FieldDoc[]): void => {
    for (const doc of docs) if (!fields.has(doc.path)) fields.set(doc.path, doc);
  };
  for (const part of parts) {
    for (const [name, member] of Object.entries(part.properties ?? {})) {
      const at = path === "" ? name : `${path}.${name}`;
      add([fieldDoc(member, at, part.required?.includes(name) === true)]);
      add(membersOf(member, at));
    }
    if (part.items) add(membersOf(part.items, `${path}[]`));
    for (const value of valueSchemas(part)) add(membersOf(value, `${path}[*]`));
  }
  return [...fields.values()];
}

function fieldDoc(schema: JsonSchema, path: string, required: boolean): FieldDoc {
  const parts = alternatives(schema);
  const first = <T>(read: (part: JsonSchema) => T | undefined): T | undefined =>
    parts.map(read).find((value) => value !== undefined);
  const description = first((part) => part.description) ?? schema.items?.description;
  const choices = choicesOf(schema.items && schema.type === "array" ? alternatives(schema.items) : parts);
  const fallback = first((part) => part.default);
  const minimum = first((part) => part.minimum);
  const maximum = first((part) => part.maximum);
  return {
    path,
    type: typeOf(schema),
    required,
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    ...(choices.length > 0 && { choices }),
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
  };
}

function typeOf(schema: JsonSchema): string {
  const types = alternatives(schema).flatMap((part) => {
    if (part.format !== undefined) return [part.format];
    if (part.items) return [`list of ${typeOf(part.items)}`];
    const [value] = valueSchemas(part);
    if (value && !part.properties) return [`map of ${typeOf(value)}`];
    return part.type ?? (part.properties ? "object" : part.const === undefined ? [] : typeof part.const);
  });
  return [...new Set(types)].join(" or ") || "any";
}

function choicesOf(parts: readonly JsonSchema[]): readonly unknown[] {
  return [...new Set(parts.flatMap((part) => part.enum ?? (part.const === undefined ? [] : [part.const])))];
}

function valueSchemas(schema: JsonSchema): readonly JsonSchema[] {
  const rest = schema.additionalProperties;
  return [...Object.values(schema.patternProperties ?? {}), ...(typeof rest === "object" ? [rest] : [])];
}

/** The schema itself and what its unions and intersections are made of. */
function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const nested = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [schema, ...nested.flatMap(alternatives)];
}
