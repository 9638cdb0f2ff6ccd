import { describe, expect, it } from "vitest";
import { violationsOf, warningsOf } from "../testing/policies.ts";

const document = (conf: string, selectors = "[{match: {kuma.io/service: web}}]") =>
  `{type: ProxyTemplate, mesh: default, name: p, selectors: ${selectors}, conf: ${conf}}`;
const modifying = (modification: string) => document(`{modifications: [${modification}]}`);
const invalid = "native Envoy resource is not valid:";
const resourceOperations = 'invalid operation. Available operations: "add", "patch", "remove"';

describe("refuses", () => {
  it.each([
    [
      "{imports: ['', proxy]}",
      [
        "conf.imports[0]: cannot be empty",
        "conf.imports[1]: profile not found. Available profiles: default-proxy,egress-proxy,gateway-proxy,ingress-proxy",
      ],
    ],
    ["{resources: [{}]}", ["name", "version", "resource"].map((field) => `conf.resources[0].${field}: cannot be empty`)],
    [
      "{resources: [{name: a, version: v, resource: text}, {name: a, version: v, resource: 'name: a'}]}",
      [`conf.resources[0].resource: ${invalid} must be an object`, `conf.resources[1].resource: ${invalid} must have "@type"`],
    ],
    [
      `{resources: [{name: a, version: v, resource: '"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster'}]}`,
      [`conf.resources[0].resource: ${invalid} invalid Cluster.Name: value length must be at least 1 runes`],
    ],
    [
      `{resources: [{name: a, version: v, resource: '"@type": type.googleapis.com/envoy.Nothing'}]}`,
      [`conf.resources[0].resource: ${invalid} the Envoy API has no type envoy.Nothing`],
    ],
  ])("%s", (conf, expected) => {
    expect(violationsOf(document(conf))).toEqual(expected);
  });

  it.each([
    ["{cluster: {operation: addFirst}}", [`cluster.operation: ${resourceOperations}`]],
    ["{listener: {}}", [`listener.operation: ${resourceOperations}`]],
    [
      "{httpFilter: {operation: add}}",
      [
        'httpFilter.operation: invalid operation. Available operations: "addFirst", "addLast", "addBefore", "addAfter", "patch", "remove"',
      ],
    ],
    ["{cluster: {operation: add, match: {name: a}, value: 'name: a'}}", ["cluster.match: cannot be defined"]],
    ["{listener: {operation: add, match: {}, value: 'name: a'}}", ["listener.match: cannot be defined"]],
    [
      "{virtualHost: {operation: add, match: {name: a}, value: 'name: a'}}",
      [
        "virtualHost.match.name: cannot be defined",
        `virtualHost.value: ${invalid} invalid VirtualHost.Domains: value must contain at least 1 item(s)`,
      ],
    ],
    [
      "{httpFilter: {operation: addBefore, value: 'name: a'}}",
      ["httpFilter.match.name: cannot be empty. You need to pick a filter before which this one will be added"],
    ],
    [
      "{networkFilter: {operation: addAfter, value: 'name: a'}}",
      ["networkFilter.match.name: cannot be empty. You need to pick a filter after which this one will be added"],
    ],
    ["{networkFilter: {operation: patch, value: 'name: a'}}", ["networkFilter.match.name: cannot be empty"]],
    [
      "{networkFilter: {operation: addFirst}}",
      [`networkFilter.value: ${invalid} invalid Filter.Name: value length must be at least 1 runes`],
    ],
    [
      "{cluster: {operation: patch, value: 'connectTimeuot: 1s'}}",
      [`cluster.value: ${invalid} envoy.config.cluster.v3.Cluster has no field "connectTimeuot"`],
    ],
  ])("%s", (modification, expected) => {
    expect(violationsOf(modifying(modification))).toEqual(expected.map((each) => `conf.modifications[0].${each}`));
  });

  it("text that is no YAML", () => {
    expect(violationsOf(modifying("{cluster: {operation: patch, value: '{'}}"))).toEqual([
      expect.stringMatching(/^conf\.modifications\[0\]\.cluster\.value: native Envoy resource is not valid: line 1: /),
    ]);
  });

  it("a value that is nested too deeply", () => {
    const value = `{"metadata":{"filterMetadata":{"a":${'{"a":'.repeat(20_000)}1${"}".repeat(20_003)}`;
    const yaml = JSON.stringify({ cluster: { operation: "patch", value } });
    expect(violationsOf(modifying(yaml))).toEqual([`conf.modifications[0].cluster.value: ${invalid} nested too deeply`]);
  });

  it("selectors without the service", () => {
    expect(violationsOf(document("{}", "[{match: {a: b}}]"))).toEqual([
      'selectors[0].match: mandatory tag "kuma.io/service" is missing',
    ]);
  });
});

describe("takes", () => {
  it.each([
    document("null", "[]"),
    modifying("{}"),
    modifying("{cluster: {operation: remove, value: anything}}"),
    modifying("{cluster: {operation: add, value: '{name: a, connect_timeout: 1s}'}}"),
    modifying("{virtualHost: {operation: add, match: {origin: inbound}, value: '{name: a, domains: [\"*\"]}'}}"),
    modifying("{listener: {operation: patch, match: {tags: {a: b}}, value: 'bindToPort: false'}}"),
  ])("%s", (yaml) => {
    expect(violationsOf(yaml)).toEqual([]);
  });
});

it("warns of a modification that has none or several of the five", () => {
  const warnings = warningsOf(document("{modifications: [{}, {listener: {operation: remove}, cluster: {operation: remove}}]}"));
  expect(warnings.slice(0, 2)).toEqual([
    "conf.modifications[0] is empty: it changes nothing",
    "conf.modifications[1] has cluster and listener: only cluster counts",
  ]);
});
