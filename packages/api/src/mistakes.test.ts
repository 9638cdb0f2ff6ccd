import { createKindRegistry, parseDocuments, toResourceInput, type Violation } from "@meridian/model";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { anyDocument } from "./fuzz/documents.ts";
import { dataplane, kinds, testApi, trafficRoute } from "./testing/test-api.ts";

const fieldsOf = (answer: { readonly json: { readonly invalid_parameters?: readonly { readonly field: string }[] } }) =>
  (answer.json.invalid_parameters ?? []).map(({ field }) => field);

const zoneLabel = { "kuma.io/origin": "zone" };

test("a PUT names what the model and what admission have against a document in one answer", async () => {
  const { call } = await testApi();
  const route = { ...trafficRoute("r"), labels: zoneLabel };
  const broken = { ...route, sources: 5, conf: { split: [{ weight: -1, destination: {} }] } };
  const answer = await call("PUT", "/meshes/default/traffic-routes/r", broken);
  expect(answer.json).toMatchObject({ status: 400, title: "Could not process a resource" });
  const all = ["sources", "conf.split[0].weight", "conf.split[0].destination", 'labels["kuma.io/origin"]'];
  expect(new Set(fieldsOf(answer))).toEqual(new Set(all));
  // The labels are right in form and the spec is right: admission judges all of it.
  const named = await call("PUT", "/meshes/default/traffic-routes/r", { ...route, labels: { ...zoneLabel, "a b": "c" } });
  expect(fieldsOf(named)).toEqual(['labels["a b"]', 'labels["kuma.io/origin"]']);
});

test("a batch: what is known of documents that cannot be read is judged beside the others", async () => {
  const { call, store } = await testApi();
  const before = await store.revision();
  const documents = [
    "nothing is known of it",
    { ...trafficRoute("a"), labels: zoneLabel, sources: 5 },
    { ...trafficRoute("a"), conf: 5 },
    { ...trafficRoute("b", 90, "nowhere"), conf: 5, labels: zoneLabel },
    { ...trafficRoute("c", 90, "nowhere"), labels: zoneLabel },
    { ...dataplane("d"), networking: 5 },
  ];
  const answer = await call("POST", "/apply", { documents });
  expect(fieldsOf(answer)).toEqual([
    "documents[0]",
    "documents[1].sources",
    "documents[2].conf",
    "documents[3].conf",
    "documents[5].networking",
    'documents[1].labels["kuma.io/origin"]',
    "documents[2].name",
    "documents[3].mesh",
    'documents[3].labels["kuma.io/origin"]',
    "documents[4].mesh",
    'documents[4].labels["kuma.io/origin"]',
    "documents[5].type",
  ]);
  // The first of them is the second document.
  expect(answer.text).toContain("already written by document 2 of the same batch");
  expect(await store.revision()).toBe(before);
});

test("what depends on a document that cannot be read is not judged", async () => {
  const { call } = await testApi();
  const secret = { type: "Secret", mesh: "m", name: "cert", data: "not base64" };
  const inSecret = (name: string) => ({ type: "provided", name, conf: { cert: { secret: "cert" }, key: { secret: "cert" } } });
  const mesh = { type: "Mesh", name: "m", mtls: { enabledBackend: "ca", backends: [inSecret("ca")] } };
  expect(fieldsOf(await call("POST", "/apply", { documents: [secret, mesh] }))).toEqual(["documents[0].data"]);
  expect(fieldsOf(await call("POST", "/apply", { documents: [mesh] })).length).toBeGreaterThan(0);
});

/** The kinds without rules of their own: what is left are mistakes of form. */
const formOnly = createKindRegistry(
  kinds.all.map((kind) => ({ ...kind, validate: () => [], normalise: (spec: unknown) => spec, warnings: () => [] })),
);

const writable = kinds.all.filter(({ category }) => category !== "insight");
const anyKind = fc.constantFrom(...writable.map(({ kind }) => kind));

function mistakesOf(document: unknown, registry = kinds): readonly Violation[] {
  const result = toResourceInput(document, registry);
  return "violations" in result ? result.violations : [];
}

const textOf = ({ path, message }: Violation) => `${path}: ${message}`;
const isWithin = (path: string, place: string) =>
  place === "" || path === place || path.startsWith(`${place}.`) || path.startsWith(`${place}[`);
/** These are no places of a spec. */
const isOfEnvelope = (path: string) => /^(apiVersion|kind|type|name|mesh|metadata|labels)\b/.test(path);

describe("laws of mistakes", () => {
  it("whatever is written: every mistake of form is named, none that follows from it, and rules judge what has none", () => {
    let mixed = 0;
    fc.assert(
      fc.property(anyDocument(kinds, writable), ({ document }) => {
        const found = mistakesOf(document);
        const ofForm = mistakesOf(document, formOnly);
        const texts = new Set(ofForm.map(textOf));
        const ofRules = found.filter((violation) => !texts.has(textOf(violation)));
        expect(found.map(textOf)).toEqual(expect.arrayContaining([...texts]));
        const places = ofForm.filter(({ path }) => !isOfEnvelope(path));
        for (const { path } of ofRules) expect(places.filter((place) => isWithin(path, place.path))).toEqual([]);
        if (places.length > 0 && ofRules.length > 0) mixed++;
        const read = toResourceInput(document, formOnly);
        if (!("ok" in read)) return;
        const { kind, spec, ...context } = read.ok;
        expect(found).toEqual(kinds.get(kind)?.validate?.(spec, context) ?? []);
      }),
      { numRuns: 600 },
    );
    // Else nothing was shown.
    expect(mixed).toBeGreaterThan(10);
  });

  it("two mistakes at two places that have nothing to do with each other are both named", () => {
    fc.assert(
      fc.property(anyKind, fc.nat(), fc.nat(), fc.constantFrom(...ruleBreakers), (kind, a, b, value) => {
        const [example] = parseDocuments(kinds.get(kind)?.example ?? "", { source: kind }).documents;
        const places = placesOf(example?.value).filter(([first]) => !isOfEnvelope(String(first)));
        const [one, other] = [places[a % places.length], places[b % places.length]];
        if (!one || !other || !areApart(one, other)) return;
        const ruleBroken = withValue(example?.value, one, value);
        if (mistakesOf(ruleBroken, formOnly).length > 0) return;
        const both = withValue(ruleBroken, other, typeof valueAt(example?.value, other) === "boolean" ? "x" : true);
        const ofForm = mistakesOf(both, formOnly);
        if (ofForm.length === 0) return;
        const expected = mistakesOf(ruleBroken).filter(({ path }) => !ofForm.some((place) => isWithin(path, place.path)));
        const found = mistakesOf(both).map(textOf);
        expect(found).toEqual(expect.arrayContaining([...ofForm, ...expected].map(textOf)));
      }),
      { numRuns: 1_500 },
    );
  });
});

type Way = readonly string[];

/** Fit many a schema, and few rules. */
const ruleBreakers = ["", "A b!", 0, -1, 70_000, {}, [], "0s"];
/** What the rest of a document is judged by. */
const decisive = new Set(["kind", "type", "operation", "targetRef", "protocol", "match", "filters"]);

/** In different sections of a policy, and nothing that a rule decides by. */
function areApart(one: Way, other: Way): boolean {
  const sectionOf = (way: Way) => (way[0] === "spec" ? way[1] : way[0]);
  return (
    Boolean(sectionOf(one) && sectionOf(other)) && sectionOf(one) !== sectionOf(other) && !other.some((key) => decisive.has(key))
  );
}

function placesOf(value: unknown, way: Way = []): readonly Way[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [[...way, key], ...placesOf(member, [...way, key])]);
}

function valueAt(document: unknown, way: Way): unknown {
  return way.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
}

function withValue(document: unknown, way: Way, value: unknown): unknown {
  const copy = structuredClone(document);
  const parent = valueAt(copy, way.slice(0, -1)) as Record<string, unknown>;
  parent[way.at(-1) ?? ""] = value;
  return copy;
}
