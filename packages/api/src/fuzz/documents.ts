import { type KindDefinition, type KindRegistry, parseDocuments, renderResource, toResourceInput } from "@meridian/model";
import fc from "fast-check";
import { fromSchema } from "./from-schema.ts";
import { anyValue, anyWord } from "./values.ts";

export interface Written {
  readonly kind: KindDefinition;
  readonly name: string;
  readonly document: unknown;
}

/** Few names, so that documents meet one another. */
const anyName = fc.constantFrom("n1", "n2", "n3");
const anyLabels = fc.option(fc.dictionary(anyWord, fc.oneof(anyWord, anyValue), { maxKeys: 2 }), { freq: 5 });

/** Documents of every kind: its example, one made from its schema, either in its Kubernetes form, and all of these with a place changed. */
export function anyDocument(kinds: KindRegistry, writable: readonly KindDefinition[]): fc.Arbitrary<Written> {
  const schemas = new Map(writable.map((kind) => [kind.kind, fromSchema(kind.schema as object)]));
  const made = fc.tuple(fc.constantFrom(...writable), anyName, anyLabels).chain(([kind, name, labels]) => {
    const spec = schemas.get(kind.kind) ?? anyValue;
    const envelope = { type: kind.kind, ...(kind.scope === "mesh" && { mesh: "default" }), name, ...(labels && { labels }) };
    return spec.map((value) => ({
      kind,
      name,
      document: kind.style === "spec" ? { ...envelope, spec: value } : { ...envelope, ...Object(value) },
    }));
  });
  const examples = fc.tuple(fc.constantFrom(...writable), anyName).map(([kind, name]) => exampleOf(kind, name));
  const valid = fc.oneof(examples, made);
  const either = fc.oneof(
    { arbitrary: valid, weight: 4 },
    examples.map((written) => inKubernetes(written, kinds)),
  );
  const replacement = fc.oneof(anyWord, anyValue, fc.constantFrom({}, [], "", -1, 0, 65_536, 1.5));
  const mutated = fc
    .tuple(either, fc.array(fc.tuple(fc.nat(), replacement), { minLength: 1, maxLength: 3 }))
    .map(([written, changes]) => changes.reduce((one, [place, value]) => mutate(one, place, value), written));
  return fc.oneof(valid, either, { arbitrary: mutated, weight: 3 });
}

function exampleOf(kind: KindDefinition, name: string): Written {
  const [parsed] = parseDocuments(kind.example, { source: kind.kind }).documents;
  const document = { ...Object(parsed?.value), ...(kind.scope === "mesh" && { mesh: "default" }), name } as unknown;
  return { kind, name, document };
}

function inKubernetes(written: Written, kinds: KindRegistry): Written {
  const input = toResourceInput(written.document, kinds);
  return "ok" in input ? { ...written, document: renderResource(input.ok, kinds, "kubernetes") } : written;
}

/** Puts a value at the `place`-th member of the document, or beside it under a new name. */
function mutate(written: Written, place: number, value: unknown): Written {
  const document: unknown = structuredClone(written.document);
  const places: (() => void)[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, member] of Object.entries(node)) {
      const set = (name: string): void => {
        Object.defineProperty(node, name, { value, enumerable: true, configurable: true, writable: true });
      };
      places.push(
        () => set(key),
        () => set(typeof value === "string" && !Array.isArray(node) ? value : key),
        () => Reflect.deleteProperty(node, key),
      );
      walk(member);
    }
  };
  walk(document);
  places[place % places.length]?.();
  return { ...written, document };
}
