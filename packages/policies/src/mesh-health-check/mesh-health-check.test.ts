import { describe, expect, it } from "vitest";
import { violationsOf, warningsOf } from "../testing/policies.ts";

const document = (spec: string) => `{type: MeshHealthCheck, mesh: default, name: p, spec: ${spec}}`;
const toMesh = (conf: string) => document(`{to: [{targetRef: {kind: Mesh}, default: ${conf}}]}`);
const at = "spec.to[0].default";

describe("validation", () => {
  it.each([
    [document("{to: [{targetRef: {kind: Mesh}}]}"), [`${at}: must have at least one defined: http, tcp, grpc`]],
    [
      toMesh(
        "{tcp: {}, interval: 0s, timeout: 0s, initialJitter: 0s, intervalJitter: 0s, noTrafficInterval: 0s, unhealthyThreshold: 0, healthyThreshold: 0}",
      ),
      [
        "interval",
        "timeout",
        "initialJitter",
        "intervalJitter",
        "noTrafficInterval",
        "unhealthyThreshold",
        "healthyThreshold",
      ].map((field) => `${at}.${field}: must be greater than zero when defined`),
    ],
    [
      toMesh("{tcp: {}, intervalJitterPercent: -1, healthyPanicThreshold: 100.5, eventLogPath: log}"),
      [
        `${at}.intervalJitterPercent: must be in inclusive range [0, 100]`,
        `${at}.healthyPanicThreshold: in body must be of type integer or string: "number"`,
        `${at}.eventLogPath: must be a valid path when defined`,
      ],
    ],
    [
      toMesh('{tcp: {}, intervalJitterPercent: -1, healthyPanicThreshold: "100.5", eventLogPath: log}'),
      [
        `${at}.intervalJitterPercent: must be in inclusive range [0, 100]`,
        `${at}.healthyPanicThreshold: must be in inclusive range [0.0, 100.0]`,
        `${at}.eventLogPath: must be a valid path when defined`,
      ],
    ],
    [
      toMesh('{http: {path: "", expectedStatuses: [99, 100, 599, 600]}}'),
      [
        `${at}.http.path: must be defined`,
        `${at}.http.expectedStatuses[0]: must be in inclusive range [100, 599]`,
        `${at}.http.expectedStatuses[3]: must be in inclusive range [100, 599]`,
      ],
    ],
    [
      toMesh("{http: {requestHeadersToAdd: {add: [{name: A, value: b}]}}}"),
      [`${at}.http.requestHeadersToAdd.add[0].name: in body should match '^[a-z0-9!#$%&'*+\\-.^_\`|~]+$'`],
    ],
    [
      document("{to: [{targetRef: {kind: MeshHTTPRoute, name: r}, default: {tcp: {}}}]}"),
      ["spec.to[0].targetRef.kind: value 'MeshHTTPRoute' is not supported"],
    ],
  ])("refuses %s", (yaml, expected) => {
    expect(violationsOf(yaml)).toEqual(expected);
  });

  it.each([
    document("{}"),
    toMesh("{tcp: {send: Zm9v, receive: [YmFy]}, eventLogPath: /var/log/hc.log}"),
    toMesh("{http: {disabled: true, requestHeadersToAdd: {set: [{name: a, value: b}]}}, tcp: {}}"),
    toMesh("{grpc: {serviceName: a, authority: b}, reuseConnection: false, failTrafficOnPanic: true}"),
  ])("takes %s", (yaml) => {
    expect(violationsOf(yaml)).toEqual([]);
  });
});

it("warns of the panic threshold", () => {
  expect(warningsOf(toMesh("{tcp: {}, healthyPanicThreshold: 20}"))[0]).toContain(
    "'spec.to[0].default.healthyPanicThreshold' is deprecated",
  );
});
