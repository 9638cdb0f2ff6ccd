import { describe, expect, it } from "vitest";
import { violationsOf, warningsOf } from "../testing/policies.ts";

const document = (spec: string) => `{type: MeshRateLimit, mesh: default, name: p, spec: ${spec}}`;
const sidecars = "targetRef: {kind: Mesh, proxyTypes: [Sidecar]}";
const rule = (conf: string, matches = "") => document(`{${sidecars}, rules: [{${matches}default: ${conf}}]}`);
const local = (conf: string) => rule(`{local: ${conf}}`);
const limit = "{local: {http: {requestRate: {num: 1, interval: 1s}}}}";
const at = "spec.rules[0].default.local";
const gatewaysToo =
  "must not be defined when the scope includes a Gateway, select only proxyType Sidecar or select only gateways and use spec.to";

describe("validation of the scope", () => {
  it.each([
    [document(`{from: [{targetRef: {kind: Mesh}, default: ${limit}}]}`), [`spec.from: ${gatewaysToo}`]],
    [document(`{targetRef: {kind: MeshSubset}, rules: [{default: ${limit}}]}`), [`spec.rules: ${gatewaysToo}`]],
    [
      document(`{targetRef: {kind: MeshHTTPRoute, name: r}, from: [{targetRef: {kind: Mesh}, default: ${limit}}]}`),
      ["spec.from: must not be defined when spec.kind is MeshHTTPRoute"],
    ],
    [document(`{${sidecars}, to: [{targetRef: {kind: Mesh}, default: ${limit}}]}`), ["spec.to: must not be defined"]],
    [
      document(`{to: [{targetRef: {kind: MeshService, name: a}, default: ${limit}}]}`),
      ["spec.to[0].targetRef.kind: value 'MeshService' is not supported"],
    ],
    [
      document(`{${sidecars}, from: [{targetRef: {kind: MeshService, name: a}, default: ${limit}}]}`),
      ["spec.from[0].targetRef.kind: value 'MeshService' is not supported"],
    ],
    [
      document(`{${sidecars}, from: [{targetRef: {kind: Mesh}, default: ${limit}}], rules: [{default: ${limit}}]}`),
      ["spec: fields 'to' and 'from' must be empty when 'rules' is defined"],
    ],
  ])("refuses %s", (yaml, expected) => {
    expect(violationsOf(yaml)).toEqual(expected);
  });

  it.each([
    document("{}"),
    document(`{to: [{targetRef: {kind: Mesh}, default: ${limit}}]}`),
    document(`{targetRef: {kind: MeshHTTPRoute, name: r}, to: [{targetRef: {kind: Mesh}, default: ${limit}}]}`),
    document(`{targetRef: {kind: MeshService, name: a}, from: [{targetRef: {kind: Mesh}, default: ${limit}}]}`),
    document(`{targetRef: {kind: Dataplane, sectionName: a}, rules: [{default: ${limit}}]}`),
  ])("takes %s", (yaml) => {
    expect(violationsOf(yaml)).toEqual([]);
  });
});

describe("validation of limits", () => {
  it.each([
    [rule("{}"), [`${at}: must be defined`]],
    [local("{}"), [`${at}: must have at least one defined: tcp, http`]],
    [
      local("{http: {}, tcp: {}}"),
      [
        `${at}.http: must have at least one defined: disabled, requestRate, onRateLimit`,
        `${at}.tcp: must have at least one defined: disabled, connectionRate`,
      ],
    ],
    [
      local("{http: {requestRate: {num: 0, interval: 50ms}}, tcp: {connectionRate: {num: 0, interval: 0s}}}"),
      [
        `${at}.http.requestRate.num: must be greater than 0`,
        `${at}.http.requestRate.interval: must be greater than: 50ms`,
        `${at}.tcp.connectionRate.num: must be greater than 0`,
        `${at}.tcp.connectionRate.interval: must be greater than: 50ms`,
      ],
    ],
    [local("{http: {requestRate: {num: 1}}}"), [`${at}.http.requestRate.interval: in body is required`]],
    [local("{http: {onRateLimit: {status: 0}}}"), [`${at}.http.onRateLimit.status: must be greater than 0`]],
    [
      rule(
        "{local: {tcp: {connectionRate: {num: 1, interval: 1s}}}}",
        'matches: [{spiffeID: {type: Prefix, value: "spiffe://d/"}}], ',
      ),
      [`${at}.tcp: can't be specified when matches contain spiffeID because this field cannot be conditioned on source identity`],
    ],
  ])("refuses %s", (yaml, expected) => {
    expect(violationsOf(yaml)).toEqual(expected);
  });

  it.each([
    local("{http: {disabled: true}, tcp: {disabled: true}}"),
    local("{http: {requestRate: {num: 1, interval: 51ms}, onRateLimit: {headers: {add: [{name: a, value: b}]}}}}"),
    rule(limit, 'matches: [{spiffeID: {type: Exact, value: "spiffe://d/a"}}], '),
  ])("takes %s", (yaml) => {
    expect(violationsOf(yaml)).toEqual([]);
  });
});

it("warns of a status that does not refuse, and of `from`", () => {
  const conf = "{local: {http: {onRateLimit: {status: 399}}}}";
  expect(warningsOf(document(`{${sidecars}, from: [{targetRef: {kind: Mesh}, default: ${conf}}]}`)).slice(0, 2)).toEqual([
    "'spec.from[0].default.local.http.onRateLimit.status' must be 400 or higher. Please update your configuration.",
    "'from' field is deprecated, use 'rules' instead",
  ]);
});
