import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { sameContent } from "../content.ts";
import { coreKinds } from "../kinds/index.ts";
import { createKindRegistry } from "../registry.ts";
import type { ResourceInput } from "../resource.ts";
import { parseDocuments } from "./parse.ts";
import { renderResource } from "./render.ts";
import { toResourceInput } from "./to-resource-input.ts";

const registry = createKindRegistry(coreKinds);

function parseOne(text: string): unknown {
  const { documents, problems } = parseDocuments(text, { source: "test" });
  expect(problems).toEqual([]);
  expect(documents).toHaveLength(1);
  return documents[0]?.value;
}

function accept(document: unknown): ResourceInput {
  const result = toResourceInput(document, registry);
  if ("violations" in result) throw new Error(JSON.stringify(result.violations));
  return result.ok;
}

function refuse(document: unknown, expected = {}): readonly string[] {
  const result = toResourceInput(document, registry, expected);
  if ("ok" in result) throw new Error("accepted");
  return result.violations.map(({ path, message }) => `${path}: ${message}`);
}

describe("every core kind", () => {
  it.each(coreKinds.map((definition) => [definition.kind, definition] as const))(
    "%s accepts its own example",
    (_, definition) => {
      const result = toResourceInput(parseOne(definition.example), registry);
      expect(result).toMatchObject({ ok: { kind: definition.kind } });
      expect(result.warnings).toEqual([]);
    },
  );
});

describe("parseDocuments", () => {
  it("reads several documents and leaves empty ones out", () => {
    const { documents } = parseDocuments("---\ntype: Zone\nname: a\n---\n---\ntype: Zone\nname: b\n", { source: "f.yaml" });
    expect(documents.map(({ value, line }) => [(value as { name: string }).name, line])).toEqual([
      ["a", 2],
      ["b", 6],
    ]);
  });

  it("names line and column of what is broken, and still reads the rest", () => {
    const { documents, problems } = parseDocuments("type: Zone\nname: [a\n---\ntype: Zone\nname: b\n", { source: "f.yaml" });
    expect(documents).toHaveLength(1);
    expect(problems[0]).toMatchObject({ source: "f.yaml", line: 3 });
  });

  it("refuses a field that is written twice", () => {
    const { problems } = parseDocuments("type: Zone\nname: a\nname: b\n", { source: "f.yaml" });
    expect(problems).toMatchObject([{ line: 3, column: 1 }]);
  });

  it("does not expand aliases without end", () => {
    const levels = Array.from({ length: 12 }, (_, n) => `l${n + 1}: &l${n + 1} [${Array(9).fill(`*l${n}`).join(", ")}]`);
    const { documents, problems } = parseDocuments(`l0: &l0 x\n${levels.join("\n")}\n`, { source: "bomb" });
    expect(documents).toEqual([]);
    expect(problems).toHaveLength(1);
  });

  it("bounds nesting", () => {
    expect(parseDocuments(`a: ${"[".repeat(20_000)}`, { source: "deep" }).problems).not.toEqual([]);
    const deep = `{"type":"DataplaneInsight","name":"a","metadata":{"x":${"[".repeat(20_000)}${"]".repeat(20_000)}}}`;
    expect(refuse(parseOne(deep))[0]).toMatch(/^metadata\["x"\]\[0\].*: must not be nested deeper than 64 levels$/);
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => void parseDocuments(text, { source: "s" })));
  });
});

describe("toResourceInput", () => {
  it("understands both shapes", () => {
    const spec = { networking: { address: "10.0.0.1", inbound: [{ port: 80, tags: { "kuma.io/service": "web" } }] } };
    const expected = { kind: "Dataplane", mesh: "m", name: "web-1", labels: { a: "b" }, spec };
    expect(accept({ type: "Dataplane", mesh: "m", name: "web-1", labels: { a: "b" }, ...spec })).toEqual(expected);
    const metadata = { name: "web-1", namespace: "kuma-system", labels: { a: "b" } };
    expect(accept({ apiVersion: "kuma.io/v1alpha1", kind: "Dataplane", mesh: "m", metadata, spec })).toEqual(expected);
  });

  it("takes the universal form with an apiVersion over it", () => {
    const document = { apiVersion: "kuma.io/v1alpha1", type: "Zone", name: "east", enabled: false };
    expect(toResourceInput(document, registry)).toEqual({
      ok: { kind: "Zone", mesh: "", name: "east", labels: {}, spec: { enabled: false } },
      warnings: [],
    });
  });

  it("takes the mesh of a Kubernetes object from its label", () => {
    const metadata = { name: "s", labels: { "kuma.io/mesh": "m" } };
    const secret = { apiVersion: "v1", kind: "Secret", type: "system.kuma.io/secret", metadata, data: { value: "c2VjcmV0" } };
    expect(accept(secret)).toMatchObject({ kind: "Secret", mesh: "m", spec: { data: "c2VjcmV0" } });
  });

  it("warns of unknown fields, with their path, and drops them", () => {
    const result = toResourceInput({ type: "Mesh", name: "m", mtls: { enabled: true }, colour: "red" }, registry);
    expect(result).toEqual({
      ok: { kind: "Mesh", mesh: "", name: "m", labels: {}, spec: { mtls: {} } },
      warnings: ['unknown field "mtls.enabled" is ignored', 'unknown field "colour" is ignored'],
    });
  });

  it("names every mistake of the envelope at once", () => {
    expect(refuse({ type: "Nope", name: "A_b", mesh: 7, labels: { "x y": "z" } })).toEqual([
      "mesh: must be of type string, not number: put it in quotes",
      'type: unknown kind "Nope"',
      expect.stringMatching(/^name: invalid characters/),
      expect.stringMatching(/^labels\["x y"\]: label key must be/),
    ]);
    expect(refuse({})).toEqual(["type: must be defined", "name: must be defined"]);
    expect(refuse("text")).toEqual([": must be an object"]);
    expect(refuse({ type: "meshes", name: "m" })).toEqual(['type: unknown kind "meshes": did you mean Mesh?']);
  });

  it("refuses a document that contradicts its URL", () => {
    const expected = { kind: "Mesh", name: "b" };
    expect(refuse({ type: "Zone", name: "a" }, expected)).toEqual([
      "type: type from the URL has to be the same as in body",
      "name: name from the URL has to be the same as in body",
    ]);
  });

  it("says where a type is wrong, in the words of users", () => {
    expect(
      refuse({
        type: "Dataplane",
        name: "d",
        networking: { address: 1, inbound: [{ port: true, tags: { version: 2 }, state: "Up" }] },
      }),
    ).toEqual([
      "networking.address: must be of type string, not number: put it in quotes",
      "networking.inbound[0].port: must be of type integer, not boolean",
      'networking.inbound[0].tags["kuma.io/service"]: tag has to exist',
      'networking.inbound[0].tags["version"]: must be of type string, not number: put it in quotes',
      "networking.inbound[0].state: must be one of Ready, NotReady, Ignored",
    ]);
  });

  it("reads numbers that a template left as text, and durations in any form", () => {
    const inbound = [{ port: "8080", tags: { "kuma.io/service": "a" }, serviceProbe: { interval: "1m30s" } }];
    const { spec } = accept({ type: "Dataplane", name: "d", networking: { address: "10.0.0.1", inbound } });
    expect(spec).toMatchObject({ networking: { inbound: [{ port: 8080, serviceProbe: { interval: "90s" } }] } });
  });

  it("knows the fields of legacy kinds by their names in the proto, too", () => {
    const networking = { address: "10.0.0.1", advertised_address: "203.0.113.5", inbound: [{ port: 1, service_port: 2 }] };
    const result = toResourceInput({ type: "Dataplane", name: "d", networking, not_known: 1 }, registry);
    expect(result).toMatchObject({
      ok: { spec: { networking: { advertisedAddress: "203.0.113.5", inbound: [{ servicePort: 2 }] } } },
      warnings: ['unknown field "not_known" is ignored'],
    });
  });

  it("refuses text that no store can keep", () => {
    const inbound = [{ port: 1, tags: { "kuma.io/service": "a\0b" } }];
    expect(refuse({ type: "Dataplane", name: "d", networking: { address: "\ud800", inbound } })).toEqual([
      "networking.address: must be valid UTF-8 text without NUL",
      'networking.inbound[0].tags["kuma.io/service"]: must be valid UTF-8 text without NUL',
    ]);
  });

  it("treats null as absent", () => {
    expect(accept({ type: "Mesh", name: "m", mtls: null }).spec).toEqual({});
  });

  it("never throws, whatever JSON comes in", () => {
    const names = coreKinds.map((definition) => definition.kind);
    const field = fc.constantFrom(
      ...["networking", "mtls", "inbound", "tags", "backends", "conf", "outbound", "gateway", "metrics", "listeners"],
      ...["constraints", "logging", "tracing", "labels", "name", "type", "spec", "metadata", "__proto__", "data", "mesh"],
      ...["dataplaneProxy", "requirements", "probes", "endpoints", "backendRef", "admin", "port", "availableServices"],
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ depthSize: "medium", withCrossShrink: true }, leaf, tie("list"), tie("object")),
      list: fc.array(tie("tree"), { maxLength: 3 }),
      object: fc.dictionary(field, tie("tree"), { maxKeys: 5 }),
    }));
    fc.assert(
      fc.property(fc.constantFrom(...names), tree, fc.boolean(), (kind, value, isKubernetes) => {
        const body = typeof value === "object" && value !== null ? value : {};
        const metadata = { name: "n" };
        const document = isKubernetes
          ? { apiVersion: "kuma.io/v1alpha1", kind, metadata, spec: value }
          : { ...body, type: kind, name: "n" };
        const result = toResourceInput(document, registry);
        expect("ok" in result || result.violations.length > 0).toBe(true);
        toResourceInput(value, registry);
      }),
      { numRuns: 1500 },
    );
  });
});

const leaf = fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.double(), fc.string(), fc.constantFrom("10s", "a"));

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const tagSet = fc.dictionary(word, word, { maxKeys: 3 });
const serviceTags = fc.tuple(word, tagSet).map(([service, tags]) => ({ ...tags, "kuma.io/service": service }));
const port = fc.integer({ min: 1, max: 65_535 });
const dataplane = fc.record({
  address: fc.ipV4().filter((ip) => ip !== "0.0.0.0"),
  inbound: fc.array(fc.record({ port, tags: serviceTags }), { maxLength: 3 }),
  outbound: fc.array(fc.record({ port, tags: serviceTags }), { maxLength: 3 }),
});
const secret = fc.option(fc.base64String()).map((data) => (data === null ? {} : { data }));
const resource: fc.Arbitrary<ResourceInput> = fc.record({ name: word, labels: tagSet, mesh: word }).chain((key) =>
  fc.oneof(
    dataplane.map((networking) => ({ ...key, kind: "Dataplane", spec: { networking } })),
    secret.map((spec) => ({ ...key, kind: "GlobalSecret", mesh: "", spec })),
    fc.boolean().map((enabled) => ({ ...key, kind: "Zone", mesh: "", spec: { enabled } })),
    fc.record({ passthrough: fc.boolean() }).map((outbound) => ({
      ...key,
      kind: "Mesh",
      mesh: "",
      spec: { networking: { outbound }, meshServices: { mode: "Everywhere" } },
    })),
  ),
);

describe("renderResource", () => {
  it("writes the envelope in the peer's order", () => {
    const times = { creationTime: "2026-01-02T03:04:05.120Z", modificationTime: "2026-01-02T03:04:06.000Z" };
    const labels = { "kuma.io/zone": "east" };
    const stored = { kind: "Dataplane", mesh: "m", name: "a", labels, spec: { networking: { address: "1.1.1.1" } }, ...times };
    expect(JSON.stringify(renderResource(stored, registry))).toBe(
      JSON.stringify({
        type: "Dataplane",
        mesh: "m",
        name: "a",
        creationTime: "2026-01-02T03:04:05.12Z",
        modificationTime: "2026-01-02T03:04:06Z",
        labels,
        kri: "kri_dp_m_east__a_",
        networking: { address: "1.1.1.1" },
      }),
    );
  });

  it.each(["universal", "kubernetes"] as const)("is reversed by parsing, in %s form", (format) => {
    fc.assert(
      fc.property(resource, (written) => {
        const once = accept(renderResource(written, registry, format));
        expect(once).toEqual(written);
        const text = stringify(renderResource(once, registry, format));
        expect(sameContent(accept(parseOne(text)), once)).toBe(true);
      }),
    );
  });
});
