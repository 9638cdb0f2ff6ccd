import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { kinds, type TestApi, testApi } from "./testing/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi({ mode: "standalone", zone: "east" });
});

const writable = kinds.all.filter(({ category }) => category !== "insight");
const keys = [
  "type",
  "mesh",
  "name",
  "labels",
  "spec",
  "conf",
  "networking",
  "mtls",
  "metadata",
  "__proto__",
  "constructor",
  "toString",
  "",
];
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.string({ unit: "binary" }),
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    tie("list"),
    tie("object"),
  ),
  list: fc.array(tie("value"), { maxLength: 4 }),
  object: fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), tie("value"), { maxKeys: 5 }),
}));

/** A valid document under a random name: accepted, so that refused batches have something to leave out. */
const valid = fc.tuple(fc.constantFrom(...writable), fc.integer({ min: 1, max: 3 })).map(([kind, number]) => ({
  ...(parse(kind.example) as object),
  ...(kind.scope === "mesh" && { mesh: "default" }),
  name: `n${number}`,
}));
/** A valid document with one place replaced, by something likely or by anything: deeper than what random documents reach. */
const likely = fc.oneof(
  fc.constantFrom("", "a", "*", "10s", "default", "http"),
  fc.integer({ min: -1, max: 70_000 }),
  fc.constant({}),
  fc.constant([]),
);
const mutated = fc
  .tuple(valid, fc.nat(), fc.oneof(likely, value))
  .map(([document, place, replacement]) => mutate(structuredClone(document), place, replacement));
const anyDocument = fc.oneof(value, valid, { arbitrary: mutated, weight: 3 });

/** Walks to the `place`-th member, in order, and puts `replacement` there. */
function mutate(document: object, place: number, replacement: unknown): unknown {
  const places: (() => void)[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const key of Object.keys(node)) {
      places.push(() => Object.assign(node, { [key]: replacement }));
      walk((node as Record<string, unknown>)[key]);
    }
  };
  walk(document);
  places[place % places.length]?.();
  return document;
}

async function everything(): Promise<string> {
  const lists = await Promise.all(writable.map(({ kind }) => api.store.list(kind)));
  return JSON.stringify(lists);
}

/** Statuses seen: a law about accepted and refused writes must have met both. */
const outcomes = new Set<number>();

/** Runs a write and checks the law: an answer below 500; refused means untouched, accepted means one revision at most. */
async function write(method: string, url: string, body: unknown): Promise<void> {
  const before = { revision: await api.store.revision(), content: await everything() };
  const answer = await api.call(method, url, body === undefined ? "null" : body);
  const revision = await api.store.revision();
  expect(answer.status, `${method} ${url} ${JSON.stringify(body)} → ${answer.text}`).toBeLessThan(500);
  outcomes.add(answer.status);
  if (answer.status >= 400) expect([revision, await everything()]).toEqual([before.revision, before.content]);
  else expect(revision - before.revision).toBeLessThanOrEqual(1);
}

test("PUT of anything is answered below 500, and a refused one writes nothing", async () => {
  const anyPlace = fc.record({
    kind: fc.constantFrom(...writable),
    name: fc.string({ minLength: 1 }),
    isSlip: fc.nat(5).map((n) => n === 0),
  });
  await fc.assert(
    fc.asyncProperty(anyDocument, anyPlace, async (document, random) => {
      // Mostly to the path that the document is made for, so that its content is what is judged.
      const { type, mesh, name } = Object(document) as Readonly<Record<string, unknown>>;
      const kind = (!random.isSlip && writable.find((candidate) => candidate.kind === type)) || random.kind;
      const ownName = !random.isSlip && typeof name === "string" && name !== "" ? name : random.name;
      const inMesh = typeof mesh === "string" && mesh !== "" ? mesh : "default";
      const prefix = kind.scope === "mesh" ? `/meshes/${safePart(inMesh)}` : "";
      await write("PUT", `${prefix}/${kind.path}/${safePart(ownName)}`, document);
    }),
    { numRuns: 400 },
  );
  expect([...outcomes]).toEqual(expect.arrayContaining([200, 201, 400]));
}, 300_000);

test("applying anything is all or nothing", async () => {
  outcomes.clear();
  await fc.assert(
    fc.asyncProperty(fc.array(anyDocument, { maxLength: 4 }), fc.option(value), async (documents, deletes) => {
      await write("POST", "/apply", { documents, ...(deletes !== null && { deletes }) });
    }),
    { numRuns: 200 },
  );
  await fc.assert(
    fc.asyncProperty(value, async (body) => write("POST", "/apply", body)),
    { numRuns: 100 },
  );
  expect([...outcomes]).toEqual(expect.arrayContaining([200, 400]));
}, 300_000);

/** As a path segment; a lone surrogate cannot be in a URL at all. */
function safePart(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "x"));
}
