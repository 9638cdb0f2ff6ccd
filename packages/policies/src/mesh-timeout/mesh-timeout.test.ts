import { describe, expect, it } from "vitest";
import { policiesFrom, violationsOf, warningsOf } from "../testing/policies.ts";

const document = (spec: string) => `{type: MeshTimeout, mesh: default, name: p, spec: ${spec}}`;
const toMesh = (conf: string) => `{to: [{targetRef: {kind: Mesh}, default: ${conf}}]}`;
const forRoute = (conf: string) =>
  `{targetRef: {kind: MeshHTTPRoute, name: r}, to: [{targetRef: {kind: Mesh}, default: ${conf}}]}`;
const forClient = (conf: string) =>
  `{rules: [{matches: [{spiffeID: {type: Exact, value: "spiffe://d/ns/web"}}], default: ${conf}}]}`;
const at = "spec.to[0].default";
const ok = "{connectionTimeout: 1s}";

const notForRoute = "can't be specified when top-level TargetRef is referencing MeshHTTPRoute";
const notForClient =
  "can't be specified when matches contain spiffeID because this field cannot be conditioned on source identity";

describe("validation of the lists", () => {
  it.each([
    ["{}", ["spec: at least one of 'from', 'to' or 'rules' has to be defined"]],
    [
      `{from: [{targetRef: {kind: Mesh}, default: ${ok}}], rules: [{default: ${ok}}]}`,
      ["spec: fields 'to' and 'from' must be empty when 'rules' is defined"],
    ],
    [
      `{targetRef: {kind: MeshGateway, name: g}, from: [{targetRef: {kind: Mesh}, default: ${ok}}]}`,
      ["spec.from: must not be defined"],
    ],
    [
      `{from: [{targetRef: {kind: MeshSubset}, default: ${ok}}]}`,
      ["spec.from[0].targetRef.kind: value 'MeshSubset' is not supported"],
    ],
    [
      `{to: [{targetRef: {kind: MeshSubset}, default: ${ok}}, {targetRef: {kind: MeshService}, default: ${ok}}]}`,
      [
        "spec.to[0].targetRef.kind: value 'MeshSubset' is not supported",
        "spec.to[1].targetRef.name: name or labels must be set when kind is MeshService",
      ],
    ],
    [
      `{targetRef: {kind: MeshGateway, name: g}, to: [{targetRef: {kind: MeshService, name: a}, default: ${ok}}]}`,
      ["spec.to[0].targetRef.kind: value 'MeshService' is not supported"],
    ],
    [
      `{targetRef: {kind: MeshExternalService, name: g}, to: [{targetRef: {kind: Mesh}, default: ${ok}}]}`,
      ["spec.targetRef.kind: value 'MeshExternalService' is not supported"],
    ],
    [
      `{targetRef: {kind: Dataplane, sectionName: a}, to: [{targetRef: {kind: Mesh}, default: ${ok}}]}`,
      ["spec.targetRef.sectionName: can only be used with inbound policies"],
    ],
    [`{rules: [{matches: [{}], default: ${ok}}]}`, ["spec.rules[0].matches[0]: must have at least one defined: spiffeID, sni"]],
    [`{to: [{default: ${ok}}]}`, ["spec.to[0].targetRef: in body is required"]],
  ])("refuses %s", (spec, expected) => {
    expect(violationsOf(document(spec))).toEqual(expected);
  });

  it.each([
    `{targetRef: {kind: Dataplane, sectionName: a}, rules: [{default: ${ok}}]}`,
    `{to: [{targetRef: {kind: MeshHTTPRoute, name: r}, default: ${ok}}]}`,
    `{to: [{targetRef: {kind: MeshService, name: a, sectionName: http}, default: ${ok}}]}`,
    `{to: [{targetRef: {kind: Mesh}, default: ${ok}}], from: [{targetRef: {kind: Mesh}, default: ${ok}}]}`,
    `{targetRef: {kind: MeshGateway, name: g}, to: [{targetRef: {kind: MeshExternalService, name: a}, default: ${ok}}]}`,
  ])("takes %s", (spec) => {
    expect(violationsOf(document(spec))).toEqual([]);
  });
});

describe("validation of timeouts", () => {
  it.each([
    ["{to: [{targetRef: {kind: Mesh}}]}", [`${at}: at least one timeout should be configured`]],
    [toMesh("{}"), [`${at}: at least one timeout should be configured`]],
    [toMesh("{http: {}}"), [`${at}.http: at least one timeout in this section should be configured`]],
    [toMesh("{http: {requestHeadersTimeout: 1s}}"), [`${at}.http: at least one timeout in this section should be configured`]],
    [
      toMesh(
        "{connectionTimeout: 0s, idleTimeout: -1s, http: {requestTimeout: -1s, streamIdleTimeout: -1s, maxStreamDuration: -1s, maxConnectionDuration: -1s, requestHeadersTimeout: -1s}}",
      ),
      [
        `${at}.connectionTimeout: must be greater than zero when defined`,
        ...[
          "idleTimeout",
          "http.requestTimeout",
          "http.streamIdleTimeout",
          "http.maxStreamDuration",
          "http.maxConnectionDuration",
          "http.requestHeadersTimeout",
        ].map((field) => `${at}.${field}: must not be negative when defined`),
      ],
    ],
    [toMesh("{idleTimeout: soon}"), [`${at}.idleTimeout: must be a duration, such as 10s or 1h30m`]],
    [
      forRoute(
        "{connectionTimeout: 1s, idleTimeout: 1s, http: {requestTimeout: 1s, maxStreamDuration: 1s, maxConnectionDuration: 1s}}",
      ),
      ["connectionTimeout", "idleTimeout", "http.maxStreamDuration", "http.maxConnectionDuration"].map(
        (field) => `${at}.${field}: ${notForRoute}`,
      ),
    ],
    [
      forClient(
        "{connectionTimeout: 1s, idleTimeout: 1s, http: {requestTimeout: 1s, requestHeadersTimeout: 1s, maxStreamDuration: 1s, maxConnectionDuration: 1s}}",
      ),
      [
        "connectionTimeout",
        "idleTimeout",
        "http.requestHeadersTimeout",
        "http.maxStreamDuration",
        "http.maxConnectionDuration",
      ].map((field) => `spec.rules[0].default.${field}: ${notForClient}`),
    ],
  ])("refuses %s", (spec, expected) => {
    expect(violationsOf(document(spec))).toEqual(expected);
  });

  it.each([
    toMesh("{idleTimeout: 0s, http: {requestTimeout: 0s}}"),
    forRoute("{http: {requestTimeout: 1s, streamIdleTimeout: 1s}}"),
    forClient("{http: {requestTimeout: 1s, streamIdleTimeout: 1s}}"),
    `{rules: [{matches: [{sni: {type: Exact, value: a.example}}], default: {connectionTimeout: 1s}}]}`,
  ])("takes %s", (spec) => {
    expect(violationsOf(document(spec))).toEqual([]);
  });
});

it("writes durations as Go does", () => {
  expect(policiesFrom(document(toMesh("{connectionTimeout: 90s}")))[0]?.spec).toMatchObject({
    to: [{ default: { connectionTimeout: "1m30s" } }],
  });
});

it("warns of `from` and of deprecated top-level kinds", () => {
  const spec = `{targetRef: {kind: MeshService, name: web}, from: [{targetRef: {kind: Mesh}, default: ${ok}}]}`;
  expect(warningsOf(document(spec)).slice(0, 2)).toEqual([
    "'from' field is deprecated, use 'rules' instead",
    "MeshService value for 'targetRef.kind' is deprecated, use MeshSubset with 'kuma.io/service' tag instead",
  ]);
});
