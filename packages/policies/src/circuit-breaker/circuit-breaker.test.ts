import { expect, it } from "vitest";
import { violationsOf, withConf } from "../testing/policies.ts";

const nothing = "conf: must have at least one of the detector or threshold configured";

it.each([
  ["null", [nothing]],
  ["{interval: 1s, maxEjectionPercent: 101}", [nothing]],
  ["{detectors: {}, thresholds: {}}", ["conf.detectors: can't be empty", "conf.thresholds: can't be empty"]],
  [
    "{maxEjectionPercent: 101, detectors: {failure: {threshold: 101}}}",
    [
      "conf.maxEjectionPercent: has to be in [0.0 - 100.0] range",
      "conf.detectors.failure.threshold: has to be in [0.0 - 100.0] range",
    ],
  ],
  ["{thresholds: {maxRetries: -1}}", ["conf.thresholds.maxRetries: must be greater than or equal to 0"]],
])("refuses %s", (conf, expected) => {
  expect(violationsOf(withConf("CircuitBreaker", conf))).toEqual(expected);
});

it.each([
  "{detectors: {totalErrors: {}}}",
  "{detectors: {failure: {threshold: 0}}, maxEjectionPercent: 0}",
  "{detectors: {standardDeviation: {factor: 1.9}, gatewayErrors: {}, localErrors: {consecutive: 3}}, splitExternalAndLocalErrors: true}",
  "{thresholds: {maxConnections: 0, maxPendingRequests: 1, maxRetries: 2, maxRequests: 3}}",
])("takes %s", (conf) => {
  expect(violationsOf(withConf("CircuitBreaker", conf))).toEqual([]);
});
