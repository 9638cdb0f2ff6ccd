import { describe, expect, it } from "vitest";
import { violationsOf, warningsOf } from "../testing/policies.ts";

const document = (spec: string) => `{type: MeshCircuitBreaker, mesh: default, name: p, spec: ${spec}}`;
const toMesh = (conf: string) => document(`{to: [{targetRef: {kind: Mesh}, default: ${conf}}]}`);
const detection = (settings: string) => toMesh(`{outlierDetection: ${settings}}`);
const at = "spec.to[0].default";
const ok = "{connectionLimits: {maxConnections: 1}}";

describe("validation", () => {
  it.each([
    [document("{}"), ["spec: at least one of 'from', 'to' or 'rules' has to be defined"]],
    [
      document(`{to: [{targetRef: {kind: Mesh}, default: ${ok}}], rules: [{default: ${ok}}]}`),
      ["spec: fields 'to' and 'from' must be empty when 'rules' is defined"],
    ],
    [toMesh("{}"), [`${at}: at least one of: 'connectionLimits' or 'outlierDetection' should be configured`]],
    // The peer reports mistakes in `rules` under `from`.
    [
      document("{rules: [{default: {}}]}"),
      ["spec.from[0].default: at least one of: 'connectionLimits' or 'outlierDetection' should be configured"],
    ],
    [
      toMesh(
        "{connectionLimits: {maxConnections: 0, maxConnectionPools: 0, maxPendingRequests: 0, maxRetries: 0, maxRequests: -1}}",
      ),
      ["maxConnections", "maxConnectionPools", "maxPendingRequests", "maxRetries", "maxRequests"].map(
        (field) => `${at}.connectionLimits.${field}: must be greater than 0`,
      ),
    ],
    [
      detection("{interval: 0s, baseEjectionTime: 0s, maxEjectionPercent: 101, healthyPanicThreshold: many}"),
      [
        `${at}.outlierDetection.interval: must be greater than zero when defined`,
        `${at}.outlierDetection.baseEjectionTime: must be greater than zero when defined`,
        `${at}.outlierDetection.maxEjectionPercent: must be in inclusive range [0, 100]`,
        `${at}.outlierDetection.healthyPanicThreshold: string must be a valid number`,
        `${at}.outlierDetection.detectors: must be defined`,
      ],
    ],
    [
      detection("{detectors: {}}"),
      [
        `${at}.outlierDetection.detectors: must have at least one defined: totalFailures, gatewayFailures, localOriginFailures, successRate, failurePercentage`,
      ],
    ],
    [
      detection(
        '{detectors: {totalFailures: {consecutive: 0}, gatewayFailures: {consecutive: 0}, localOriginFailures: {consecutive: 0}, successRate: {minimumHosts: 0, requestVolume: 0, standardDeviationFactor: "0.0"}, failurePercentage: {minimumHosts: 0, requestVolume: 0, threshold: 101}}}',
      ),
      [
        ...[
          "totalFailures.consecutive",
          "gatewayFailures.consecutive",
          "localOriginFailures.consecutive",
          "successRate.minimumHosts",
          "successRate.requestVolume",
          "successRate.standardDeviationFactor",
          "failurePercentage.minimumHosts",
          "failurePercentage.requestVolume",
        ].map((field) => `${at}.outlierDetection.detectors.${field}: must be greater than 0`),
        `${at}.outlierDetection.detectors.failurePercentage.threshold: must be in inclusive range [0, 100]`,
      ],
    ],
    [
      detection("{detectors: {successRate: {standardDeviationFactor: much}}}"),
      [`${at}.outlierDetection.detectors.successRate.standardDeviationFactor: invalid number`],
    ],
    [
      document(`{to: [{targetRef: {kind: MeshHTTPRoute, name: r}, default: ${ok}}]}`),
      ["spec.to[0].targetRef.kind: value 'MeshHTTPRoute' is not supported"],
    ],
    [
      document(`{targetRef: {kind: MeshSubset}, to: [{targetRef: {kind: MeshExternalService, name: a}, default: ${ok}}]}`),
      [
        "spec.to[0].targetRef.kind: kind MeshExternalService is only allowed with targetRef.kind: Mesh as it is configured on the Zone Egress and shared by all clients in the mesh",
      ],
    ],
  ])("refuses %s", (yaml, expected) => {
    expect(violationsOf(yaml)).toEqual(expected);
  });

  it.each([
    detection("{disabled: true, detectors: {gatewayFailures: {}}}"),
    detection('{healthyPanicThreshold: "62.5", detectors: {successRate: {standardDeviationFactor: "1.9"}}}'),
    document(`{to: [{targetRef: {kind: MeshExternalService, name: a}, default: ${ok}}]}`),
    document(`{rules: [{default: ${ok}}]}`),
  ])("takes %s", (yaml) => {
    expect(violationsOf(yaml)).toEqual([]);
  });
});

it("warns of `from`", () => {
  expect(warningsOf(document(`{from: [{targetRef: {kind: Mesh}, default: ${ok}}]}`))).toContain(
    "'from' field is deprecated, use 'rules' instead",
  );
});
