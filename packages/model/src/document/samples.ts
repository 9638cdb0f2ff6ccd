import { fits } from "./check-schema.ts";
import { alternatives, type JsonSchema } from "./schema-walk.ts";

/** Of each sort of text that rules ask for, one; the first is a name, a tag and a host. */
const texts = [
  ...["a", "", "24h", "10.0.0.1", "/a", "http://a.example.com:80", "a.example.com:80", "kuma.io/service", "http", "*", "50"],
  ...["10.0.0.0/8", "*.example.com", "spiffe://a.example.com/a", "{{.a}}", "5kbps"],
];
const numbers = [80, 1, 0, 100, 200, 301, 8080];
/** What a map may be asked to have. */
const mapKey = "kuma.io/service";
/** Of what stands in a list, a map or an object, so many samples are enough. */
const maxNested = 10;

const known = new WeakMap<JsonSchema, readonly unknown[]>();

/**
 * Values that fit one of these schemas, different from each other in kind, size and content. None where only a text of a form that
 * nobody can guess would do.
 */
export function samplesOf(schemas: readonly JsonSchema[]): readonly unknown[] {
  return schemas.flatMap((schema) => {
    const samples = known.get(schema) ?? makeSamples(schema).filter((sample) => fits(schema, sample));
    known.set(schema, samples);
    return samples;
  });
}

/** The first sample of an object or of a list of objects, with one of these texts or numbers in one of its fields. */
export function samplesWith(schema: JsonSchema, scalars: readonly unknown[]): readonly unknown[] {
  if (schema.items) return alternatives(schema.items).flatMap((item) => samplesWith(item, scalars).map((sample) => [sample]));
  const [first] = schema.properties ? samplesOf([schema]) : [];
  if (first === undefined) return [];
  const fields = Object.entries(schema.properties ?? {}).filter(([, { type, enum: choices }]) => type === "string" && !choices);
  return scalars.flatMap((scalar) => fields.map(([name]) => ({ ...Object(first), [name]: scalar }) as unknown));
}

function makeSamples(schema: JsonSchema): readonly unknown[] {
  // `alternatives` has the branches of a union beside it.
  if (schema.anyOf || schema.oneOf) return [];
  if (schema.const !== undefined) return [schema.const];
  if (schema.enum) return schema.enum;
  switch (schema.type) {
    case "boolean":
      return [true, false];
    case "integer":
    case "number":
      return [...[schema.minimum, schema.maximum].filter((limit) => limit !== undefined), ...numbers];
    case "string":
      return textsOf(schema);
    case "array":
      return listsOf(schema);
    case "object":
      return objectsOf(schema);
    default:
      return [{}, "a"];
  }
}

function textsOf({ format }: JsonSchema): readonly string[] {
  if (format === "duration") return ["10s", "0s"];
  return format === "base64" ? ["YQ==", ""] : texts;
}

function nestedIn(schema: JsonSchema | undefined): readonly unknown[] {
  return schema ? samplesOf(alternatives(schema)).slice(0, maxNested) : [];
}

/** One item of each sort, or as many as the list has to have. */
function listsOf({ items, minItems = 1 }: JsonSchema): readonly (readonly unknown[])[] {
  const samples = nestedIn(items);
  const length = Math.max(1, minItems);
  if (samples.length === 0) return [[]];
  return samples.map((_, first) => Array.from({ length }, (_, next) => samples[(first + next) % samples.length]));
}

/** What a map can hold; every field; only what is required. */
function objectsOf({ properties = {}, required = [], ...schema }: JsonSchema): readonly object[] {
  const fields = Object.entries(properties)
    .map(([name, member]) => [name, nestedIn(member)] as const)
    .filter(([, samples]) => samples.length > 0);
  const maps = entriesOf(schema).flatMap((entry) => nestedIn(entry).slice(0, 1));
  return [
    ...maps.map((value) => ({ [mapKey]: value })),
    ...combine(fields),
    ...combine(fields.filter(([name]) => required.includes(name))),
  ];
}

function entriesOf({ patternProperties = {}, additionalProperties }: JsonSchema): readonly JsonSchema[] {
  return [...Object.values(patternProperties), ...(typeof additionalProperties === "object" ? [additionalProperties] : [])];
}

/** As many objects as the field with the most samples has. */
function combine(fields: readonly (readonly [string, readonly unknown[]])[]): readonly object[] {
  const count = Math.max(1, ...fields.map(([, samples]) => samples.length));
  return Array.from({ length: count }, (_, index) =>
    Object.fromEntries(fields.map(([name, samples]) => [name, samples[index % samples.length]])),
  );
}
