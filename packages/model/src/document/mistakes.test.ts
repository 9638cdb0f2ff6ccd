import { Type } from "@sinclair/typebox";
import { expect, it } from "vitest";
import type { KindDefinition } from "../kind.ts";
import { coreKinds } from "../kinds/index.ts";
import { createKindRegistry } from "../registry.ts";
import { parseDocuments } from "./parse.ts";
import { toResourceInput } from "./to-resource-input.ts";

const registry = createKindRegistry(coreKinds);

function mistakesOf(yaml: string, kinds = registry): readonly string[] {
  const [document] = parseDocuments(yaml, { source: "test" }).documents;
  const result = toResourceInput(document?.value, kinds);
  return "violations" in result ? result.violations.map(({ path, message }) => `${path}: ${message}`) : [];
}

it("names what breaks the schema and what breaks a rule at once, in the order of the document", () => {
  expect(
    mistakesOf(`
type: Dataplane
name: d
networking:
  address: 0.0.0.0
  inbound:
    - {port: yes, tags: {kuma.io/service: "a b"}}
    - {port: 70000, tags: {kuma.io/service: web, version: 2}}
  outbound:
    - {port: 0, tags: {kuma.io/service: 5}}
`),
  ).toEqual([
    "networking.address: must not be 0.0.0.0 or ::",
    "networking.inbound[0].port: must be of type integer, not string",
    'networking.inbound[0].tags["kuma.io/service"]: tag value must consist of alphanumeric characters, dots, dashes and underscores',
    "networking.inbound[1].port: port must be in the range [1, 65535]",
    'networking.inbound[1].tags["version"]: must be of type string, not number: put it in quotes',
    "networking.outbound[0].port: port must be in the range [1, 65535]",
    'networking.outbound[0].tags["kuma.io/service"]: must be of type string, not number: put it in quotes',
  ]);
});

it("both shapes, with the mistakes of the envelope", () => {
  const inSpec = [
    "networking.address: must be of type string, not number: put it in quotes",
    "networking.inbound[0].port: port must be in the range [1, 65535]",
  ];
  const networking = "{address: 5, inbound: [{port: 0, tags: {kuma.io/service: a}}]}";
  expect(mistakesOf(`{type: Dataplane, name: A, mesh: M, labels: {a b: c}, networking: ${networking}}`)).toEqual([
    expect.stringMatching(/^name: invalid characters/),
    expect.stringMatching(/^mesh: invalid characters/),
    expect.stringMatching(/^labels\["a b"\]: label key must be/),
    ...inSpec,
  ]);
  const kubernetes = "apiVersion: kuma.io/v2, kind: Dataplane, mesh: M, metadata: {name: A, labels: {a b: c}}";
  expect(mistakesOf(`{${kubernetes}, spec: {networking: ${networking}}}`)).toEqual([
    "apiVersion: must be kuma.io/v1alpha1",
    expect.stringMatching(/^metadata.name: invalid characters/),
    expect.stringMatching(/^mesh: invalid characters/),
    expect.stringMatching(/^metadata.labels\["a b"\]: label key must be/),
    ...inSpec,
  ]);
});

it("does not say what only follows from a misfit", () => {
  // The name that is referred to is the broken one.
  const mesh = (backend: string) => `{type: Mesh, name: m, logging: {defaultBackend: a, backends: [${backend}]}}`;
  const ofType = (path: string) => `${path}: must be of type string, not number: put it in quotes`;
  expect(mistakesOf(mesh("{name: 5, type: file, conf: {path: /a}}"))).toEqual([ofType("logging.backends[0].name")]);
  expect(mistakesOf(mesh("{name: b, type: 5, conf: {path: /a}}"))).toEqual([
    "logging.defaultBackend: has to be set to one of the logging backend in mesh",
    ofType("logging.backends[0].type"),
  ]);
  // Its rule speaks of `config`, as the peer does.
  expect(mistakesOf(mesh("{name: a, type: file, conf: {path: 5}}"))).toEqual([ofType("logging.backends[0].conf.path")]);
  // Which fields are missing depends on what the broken type was meant to be.
  expect(mistakesOf("{type: Mesh, name: m, mtls: {enabledBackend: a, backends: [{name: a, type: 5}]}}")).toEqual([
    ofType("mtls.backends[0].type"),
  ]);
});

it("a spec of which nothing can be kept has no rules", () => {
  expect(mistakesOf("{type: MeshTrust, name: t, spec: []}")).toEqual(['spec: in body must be of type object: "array"']);
});

const rule = { path: "spec.b", message: "must be above 5" };
const strict: KindDefinition<{ readonly b: number }> = {
  kind: "Strict",
  path: "stricts",
  singularDisplayName: "Strict",
  pluralDisplayName: "Stricts",
  scope: "global",
  style: "spec",
  category: "core",
  sync: {},
  example: "",
  schema: Type.Object({
    a: Type.Optional(
      Type.Array(
        Type.Object({
          value: Type.Union([Type.Object({ x: Type.Number() }), Type.String({ pattern: "^[0-9]{3}x$" })]),
          code: Type.Optional(Type.String({ pattern: "^[0-9]{3}x$" })),
        }),
        { maxItems: 3 },
      ),
    ),
    b: Type.Integer(),
  }),
  validate: ({ b }) => (b > 5 ? [] : [rule]),
};
const kinds = createKindRegistry([strict]);
const strictly = (spec: string) => mistakesOf(`{type: Strict, name: s, spec: ${spec}}`, kinds);

it("a huge document is not judged often", () => {
  let judged = 0;
  const counting = createKindRegistry([{ ...strict, validate: () => [{ ...rule, message: String(judged++ % 2) }, rule] }]);
  const judgedFor = (code: string) => {
    judged = 0;
    expect(
      mistakesOf(`{type: Strict, name: s, spec: {a: [{value: {x: 1}, code: ${code}}, {value: {x: a}}], b: 1}}`, counting),
    ).toHaveLength(3);
    return judged;
  };
  expect(judgedFor("5")).toBeGreaterThan(4);
  expect(judgedFor(`"${"x".repeat(2_000_000)}"`)).toBe(4);
});

it("every item of a list whose union fits no branch is named", () => {
  expect(strictly("{a: [{value: {x: a}}, {value: true}, {value: 1x}], b: 7}")).toEqual([
    'spec.a[0].value.x: in body must be of type number: "string"',
    'spec.a[1].value: in body must be of type object or string: "boolean"',
    'spec.a[2].value: in body must be of type object or string: "string"',
  ]);
});

it("what nobody can guess is left out, or goes with what it is a part of", () => {
  const below5 = "spec.b: must be above 5";
  expect(strictly("{a: [{value: 123x, code: 5}], b: 1}")).toEqual([
    'spec.a[0].code: in body must be of type string: "number"',
    below5,
  ]);
  expect(strictly("{a: [{}, {value: 5}, {value: 123x}, 5], b: 1}")).toEqual([
    "spec.a: in body should have at most 3 items",
    "spec.a[0].value: in body is required",
    'spec.a[1].value: in body must be of type object or string: "number"',
    'spec.a[3]: in body must be of type object: "number"',
    below5,
  ]);
  expect(strictly("{a: []}")).toEqual(["spec.b: in body is required"]);
});
