import type { KindDefinition } from "../kind.ts";
import { type Break, breaksAt, mend, outermost, type Place } from "./breaks.ts";
import { enforcedSchema, findSchemaMisfits, fits } from "./check-schema.ts";
import type { Misfit } from "./misfit.ts";
import { samplesOf, samplesWith } from "./samples.ts";
import { alternatives, isObject, type JsonSchema, type Keys, schemasBelow } from "./schema-walk.ts";

/** A repair reaches no further out than so many levels; what a schema describes is not nested deeper. */
const maxWidenings = 16;
const maxCopies = 128;
const minCopies = 4;
/** A huge spec gets fewer copies: they take time, in which nobody else is served. */
const maxCopiedValues = 100_000;
/** A rule may parse a text: so many characters count as one value more. */
const charactersPerValue = 16;
/** Values made of texts and numbers of the spec itself that stand in for what is broken. */
const maxOwn = 100;

/**
 * Copies of `spec` that fit the schema of its kind: each misfit is replaced, in each copy by something else, from what its schema
 * allows and from the texts and numbers that stand elsewhere in the spec (a broken name may be the one that others refer to). What
 * cannot be replaced is left out; where the schema does not allow that either, the same is done with what it is a part of. Nothing
 * else is touched. None if nothing of the spec can be kept.
 */
export function* repairs(definition: KindDefinition, spec: unknown, misfits: readonly Misfit[]): Generator<unknown> {
  const schema = enforcedSchema(definition);
  const { scalars, size } = contentOf(spec);
  const count = Math.max(minCopies, Math.min(maxCopies, Math.floor(maxCopiedValues / size)));
  const placeOf = replacer(schema, scalars);
  let places: readonly Keys[] = misfits.map(({ keys }) => keys);
  for (let widening = 0; widening < maxWidenings; widening++) {
    const breaks = breaksAt(places, placeOf);
    if (breaks.place) return;
    let hasFitting = false;
    for (let variant = 0; variant < count; variant++) {
      const copy = mend(spec, breaks, variant);
      if (!fits(schema, copy)) continue;
      hasFitting = true;
      yield copy;
    }
    if (hasFitting) return;
    places = widened(places, breaks, findSchemaMisfits(definition, mend(spec, breaks, 0), ""));
  }
}

/** What did not become right goes with what it is a part of. */
function widened(places: readonly Keys[], breaks: Break, left: readonly Misfit[]): readonly Keys[] {
  return [
    ...places,
    ...left.map(({ keys }) => {
      const tried = outermost(breaks, keys);
      return tried === undefined ? keys : keys.slice(0, tried - 1);
    }),
  ];
}

/** What may stand at a place instead of what stands there. */
function replacer(schema: JsonSchema, scalars: readonly unknown[]): (keys: Keys, ordinal: number) => Place {
  const known = new Map<JsonSchema, readonly unknown[]>();
  const valuesOf = (part: JsonSchema): readonly unknown[] => {
    const own = (): readonly unknown[] =>
      [...scalars, ...samplesWith(part, scalars.slice(0, maxOwn))].filter((value) => fits(part, value));
    const values = known.get(part) ?? [...samplesOf([part]), ...own().slice(0, maxOwn)];
    known.set(part, values);
    return values;
  };
  return (keys, ordinal) => {
    let schemas = alternatives(schema);
    let mayGo = false;
    for (const key of keys) {
      const next = schemasBelow(schemas, key);
      mayGo = next.found !== "item" && !schemas.some(({ required }) => required?.includes(String(key)));
      schemas = next.schemas;
    }
    return { ordinal, values: schemas.flatMap(valuesOf), mayGo };
  };
}

/** The distinct texts and numbers of a spec, keys of maps and words of templates included, and how much there is in it. */
function contentOf(spec: unknown): { readonly scalars: readonly unknown[]; readonly size: number } {
  const scalars = new Set<unknown>();
  let size = 1;
  const walk = (value: unknown, depth: number): void => {
    size++;
    if (typeof value === "string" || typeof value === "number") scalars.add(value);
    if (typeof value === "string") {
      size += value.length / charactersPerValue;
      // What a template refers to is named within it.
      if (value.includes("{{")) for (const word of value.match(/\w+/g) ?? []) scalars.add(word);
    }
    if (Array.isArray(value) && depth < maxWidenings) {
      for (const item of value) walk(item, depth + 1);
    } else if (isObject(value) && depth < maxWidenings) {
      for (const [key, member] of Object.entries(value)) {
        scalars.add(key);
        walk(member, depth + 1);
      }
    }
  };
  walk(spec, 0);
  return { scalars: [...scalars], size };
}
