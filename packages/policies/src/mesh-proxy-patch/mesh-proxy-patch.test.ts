import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { validateEnvoyYaml } from "../core/fragments/envoy-yaml.ts";
import { violationsOf } from "../testing/policies.ts";

const document = (modifications: string) =>
  `{type: MeshProxyPatch, mesh: default, name: p, spec: {default: {appendModifications: [${modifications}]}}}`;
const at = "spec.default.appendModifications[0]";
const filter = (fields: string) => `{networkFilter: {${fields}}}`;
const tcpProxy = "value: '{name: tcp}'";

describe("refuses", () => {
  it.each([
    ["", ["spec.default.appendModifications: must not be empty"]],
    ["{}", [`${at}: exactly one modification can be defined at a time. Currently, 0 modifications are defined`]],
    [
      "{cluster: {operation: Remove}, listener: {operation: Remove}}",
      [`${at}: exactly one modification can be defined at a time. Currently, 2 modifications are defined`],
    ],
    ["{cluster: {operation: AddFirst}}", [`${at}.cluster.operation: in body should be one of [Add Remove Patch]`]],
    ["{cluster: {operation: Add}}", [`${at}.cluster.value: must be defined`]],
    ["{cluster: {operation: Add, match: {name: a}, value: 'name: a'}}", [`${at}.cluster.match: must not be defined`]],
    ["{listener: {operation: Remove, value: 'name: a'}}", [`${at}.listener.value: must not be defined`]],
    [
      "{virtualHost: {operation: Add, match: {origin: a, name: b}, value: '{name: a, domains: [web]}'}}",
      [`${at}.virtualHost.match.name: must not be defined`],
    ],
    ["{cluster: {operation: Patch}}", [`${at}.cluster: cluster must have exactly one defined: value, jsonPatches`]],
    [
      "{listener: {operation: Patch, value: '{}', jsonPatches: [{op: remove, path: /a}]}}",
      [`${at}.listener: listener must have only one type defined: value, jsonPatches`],
    ],
    [
      filter(`operation: AddBefore, ${tcpProxy}`),
      [`${at}.networkFilter.match.name: must be defined. You need to pick a filter before which this one will be added`],
    ],
    [
      filter(`operation: AddAfter, match: {origin: inbound}, ${tcpProxy}`),
      [`${at}.networkFilter.match.name: must be defined. You need to pick a filter after which this one will be added`],
    ],
    [filter(`operation: Patch, ${tcpProxy}`), [`${at}.networkFilter.match.name: must be defined`]],
    ["{httpFilter: {operation: AddFirst}}", [`${at}.httpFilter.value: must be defined`]],
    [
      "{cluster: {operation: Patch, value: 'connectTimeOut: 3s'}}",
      [expect.stringMatching(/cluster\.value: native Envoy resource is not valid: .*connectTimeOut/)],
    ],
    [
      "{cluster: {operation: Add, value: '{'}}",
      [expect.stringMatching(/cluster\.value: native Envoy resource is not valid: line 1/)],
    ],
    ["{cluster: {operation: Add, value: '[]'}}", [`${at}.cluster.value: native Envoy resource is not valid: must be an object`]],
    [
      filter("operation: AddFirst, value: '{name: a, typedConfig: {\"@type\": type.googleapis.com/not.There}}'"),
      [expect.stringMatching(/networkFilter\.value: native Envoy resource is not valid: .*not\.There/)],
    ],
    [
      "{cluster: {operation: Patch, jsonPatches: [{op: add, path: /a}, {op: move, path: b}, {op: remove, path: /, from: /a, value: 1}]}}",
      [
        `${at}.cluster.jsonPatches[0].value: "value" must not be empty when "op" is one of ["add", "replace"]`,
        `${at}.cluster.jsonPatches[1].from: "from" must not be empty when "op" is one of ["move", "copy"]`,
        `${at}.cluster.jsonPatches[1].path: must be a JSON pointer: it starts with /`,
        `${at}.cluster.jsonPatches[2].from: "from" is allowed only when "op" is one of ["move", "copy"]`,
        `${at}.cluster.jsonPatches[2].value: "value" is allowed only when "op" is one of ["add", "replace"]`,
        `${at}.cluster.jsonPatches[2].path: root path cannot be removed`,
      ],
    ],
    [
      "{cluster: {operation: Patch, jsonPatches: [{op: test, path: /a}]}}",
      [expect.stringMatching(/op: in body should be one of/)],
    ],
  ])("%s", (modifications, expected) => {
    expect(violationsOf(document(modifications))).toEqual(expected);
  });
});

it.each([
  "{cluster: {operation: Add, value: 'name: a\n\nconnect_timeout: 5s\n\ntype: STATIC'}}",
  "{cluster: {operation: Remove}}",
  "{cluster: {operation: Patch, match: {origin: inbound}, jsonPatches: [{op: replace, path: /a/b, value: {c: [1]}}]}}",
  "{listener: {operation: Patch, match: {tags: {a: b}}, value: 'address: {socketAddress: {portValue: 8080}}'}}",
  "{virtualHost: {operation: Add, match: {routeConfigurationName: a}, value: '{name: a, domains: [web]}'}}",
  filter(`operation: AddAfter, match: {name: a, listenerTags: {b: c}}, ${tcpProxy}`),
  "{httpFilter: {operation: Remove}}",
])("takes %s", (modifications) => {
  expect(violationsOf(document(modifications))).toEqual([]);
});

it("judges any value without falling over", () => {
  const key = fc.oneof(
    fc.constantFrom("name", "connectTimeout", "type", "metadata", "typedConfig", "@type", "tlsContext", "filters"),
    fc.string(),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.string(),
      fc.double(),
      fc.bigInt(),
      fc.constantFrom(null, true, ".nan", "type.googleapis.com/google.protobuf.Struct", "10s"),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(key, tie("value"), { maxKeys: 4 }),
    ),
  }));
  const asText = (input: unknown) => JSON.stringify(input, (_, member) => (typeof member === "bigint" ? Number(member) : member));
  fc.assert(
    fc.property(fc.oneof(value.map(asText), fc.string()), (text) => {
      validateEnvoyYaml("value", text, "envoy.config.listener.v3.Listener");
    }),
    { numRuns: 500 },
  );
});
