import { describe, expect, it } from "vitest";
import { clusterDraft, decideInbound, decideOutbound, inboundTarget, outboundTarget } from "../testing/targets.ts";
import { inboundBreakers, outboundBreakers } from "./apply.ts";

const document = (spec: string) => `{type: MeshCircuitBreaker, mesh: default, name: p, spec: ${spec}}`;
const draft = { ...clusterDraft(), circuitBreakers: { thresholds: [{ trackRemaining: true, maxRequests: 7 }] } };

function outbound(conf: string) {
  const decision = decideOutbound(outboundBreakers, document(`{to: [{targetRef: {kind: Mesh}, default: ${conf}}]}`));
  if (!decision) throw new Error("no decision");
  return outboundBreakers.cluster?.(draft, decision.conf, outboundTarget());
}

const allOff = {
  enforcingConsecutive5xx: 0,
  enforcingConsecutiveGatewayFailure: 0,
  enforcingConsecutiveLocalOriginFailure: 0,
  enforcingSuccessRate: 0,
  enforcingLocalOriginSuccessRate: 0,
  enforcingFailurePercentage: 0,
  enforcingFailurePercentageLocalOrigin: 0,
};

describe("limits", () => {
  it("are laid over those that are there", () => {
    const limits = "{maxConnections: 2, maxPendingRequests: 3, maxRetries: 4, maxConnectionPools: 5}";
    expect(outbound(`{connectionLimits: ${limits}}`)).toMatchObject({
      circuitBreakers: {
        thresholds: [
          {
            trackRemaining: true,
            maxRequests: 7,
            maxConnections: 2,
            maxPendingRequests: 3,
            maxRetries: 4,
            maxConnectionPools: 5,
          },
        ],
      },
    });
  });

  it("of an inbound: what holds for all clients, by `rules` or `from`", () => {
    for (const spec of [
      "{rules: [{default: {connectionLimits: {maxRequests: 1}}}]}",
      "{from: [{targetRef: {kind: Mesh}, default: {connectionLimits: {maxRequests: 1}}}]}",
    ]) {
      const decision = decideInbound(inboundBreakers, document(spec));
      expect(decision && inboundBreakers.cluster?.(draft, decision.conf, inboundTarget())).toMatchObject({
        circuitBreakers: { thresholds: [{ trackRemaining: true, maxRequests: 1 }] },
      });
    }
  });
});

describe("outlier detection", () => {
  it.each([
    ["totalFailures: {consecutive: 3}", { consecutive5xx: 3, enforcingConsecutive5xx: 100 }],
    ["gatewayFailures: {consecutive: 3}", { consecutiveGatewayFailure: 3, enforcingConsecutiveGatewayFailure: 100 }],
    ["gatewayFailures: {}", {}],
    ["localOriginFailures: {consecutive: 3}", { consecutiveLocalOriginFailure: 3, enforcingConsecutiveLocalOriginFailure: 100 }],
    [
      'successRate: {minimumHosts: 2, requestVolume: 10, standardDeviationFactor: "1.9"}',
      {
        successRateMinimumHosts: 2,
        successRateRequestVolume: 10,
        successRateStdevFactor: 1900,
        enforcingSuccessRate: 100,
        enforcingLocalOriginSuccessRate: 100,
      },
    ],
    [
      'successRate: {standardDeviationFactor: "1.0019"}',
      { successRateStdevFactor: 1001, enforcingSuccessRate: 100, enforcingLocalOriginSuccessRate: 100 },
    ],
    [
      "failurePercentage: {minimumHosts: 2, requestVolume: 10, threshold: 30}",
      {
        failurePercentageMinimumHosts: 2,
        failurePercentageRequestVolume: 10,
        failurePercentageThreshold: 30,
        enforcingFailurePercentage: 100,
        enforcingFailurePercentageLocalOrigin: 100,
      },
    ],
  ])("%s alone is on", (detector, expected) => {
    expect(outbound(`{outlierDetection: {detectors: {${detector}}}}`)?.["outlierDetection"]).toEqual({ ...allOff, ...expected });
  });

  it("has times, shares and the panic threshold", () => {
    const settings = "interval: 5s, baseEjectionTime: 1m, maxEjectionPercent: 20, splitExternalAndLocalErrors: true";
    const cluster = outbound(`{outlierDetection: {${settings}, healthyPanicThreshold: "33.3", detectors: {totalFailures: {}}}}`);
    expect(cluster).toMatchObject({
      outlierDetection: {
        interval: "5s",
        baseEjectionTime: "60s",
        maxEjectionPercent: 20,
        splitExternalLocalOriginErrors: true,
      },
      commonLbConfig: { healthyPanicThreshold: { value: 33.3 } },
    });
  });

  it("disabled: as it was", () => {
    const disabled = "disabled: true, healthyPanicThreshold: 10, detectors: {totalFailures: {consecutive: 1}}";
    expect(outbound(`{outlierDetection: {${disabled}}}`)).toEqual(draft);
  });
});
