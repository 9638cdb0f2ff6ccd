import { describe, expect, it } from "vitest";
import { withConf } from "../testing/policies.ts";
import { clusterDraft, decideOutbound, outboundTarget } from "../testing/targets.ts";
import { legacyBreakers } from "./apply.ts";

function outbound(conf: string) {
  const decision = decideOutbound(legacyBreakers, withConf("CircuitBreaker", conf));
  if (!decision) throw new Error("no decision");
  return legacyBreakers.cluster?.(clusterDraft(), decision.conf, outboundTarget());
}

describe("CircuitBreaker", () => {
  it("switches on the detectors that it names, an empty one with Envoy's numbers", () => {
    const detectors = "{totalErrors: {}, failure: {requestVolume: 20, minimumHosts: 3, threshold: 50}}";
    const times = "interval: 5s, baseEjectionTime: 20s, maxEjectionPercent: 30, splitExternalAndLocalErrors: true";
    expect(outbound(`{${times}, detectors: ${detectors}}`)?.["outlierDetection"]).toEqual({
      interval: "5s",
      baseEjectionTime: "20s",
      maxEjectionPercent: 30,
      splitExternalLocalOriginErrors: true,
      enforcingConsecutive5xx: 100,
      enforcingConsecutiveGatewayFailure: 0,
      enforcingConsecutiveLocalOriginFailure: 0,
      enforcingSuccessRate: 0,
      enforcingLocalOriginSuccessRate: 0,
      failurePercentageMinimumHosts: 3,
      failurePercentageRequestVolume: 20,
      failurePercentageThreshold: 50,
      enforcingFailurePercentage: 100,
      enforcingFailurePercentageLocalOrigin: 100,
    });
  });

  it("counts deviations in thousandths", () => {
    const detector = "{detectors: {standardDeviation: {factor: 1.9, requestVolume: 5, minimumHosts: 2}}}";
    expect(outbound(detector)?.["outlierDetection"]).toMatchObject({ successRateStdevFactor: 1900, enforcingSuccessRate: 100 });
  });

  it("with limits only ejects nobody", () => {
    const cluster = outbound("{thresholds: {maxConnections: 1, maxPendingRequests: 2, maxRequests: 3, maxRetries: 4}}");
    expect(cluster).toMatchObject({
      circuitBreakers: { thresholds: [{ maxConnections: 1, maxPendingRequests: 2, maxRequests: 3, maxRetries: 4 }] },
      outlierDetection: { enforcingConsecutive5xx: 0, enforcingSuccessRate: 0 },
    });
  });
});
