import type { Cluster } from "@meridian/envoy";
import type { ProtoJson } from "../route.ts";
import type { Present } from "./present.ts";

/** Envoy `CircuitBreakers.Thresholds`; absent: Envoy's own limit, 1024 of each, 3 retries. */
export type Limits = Present<{
  maxConnections: number;
  maxPendingRequests: number;
  maxRequests: number;
  maxRetries: number;
  maxConnectionPools: number;
}>;

/** Over what is there: a kind that limits connections leaves another's limit of requests. */
export function setLimits(cluster: Cluster, limits: Limits): Cluster {
  const breakers = cluster["circuitBreakers"] as { readonly thresholds?: readonly object[] } | undefined;
  return { ...cluster, circuitBreakers: { thresholds: [{ ...breakers?.thresholds?.[0], ...limits }] } };
}

/** Numbers in a row; absent: Envoy's own, 5. */
type Consecutive = { readonly consecutive?: number | undefined } | undefined;

/** Which detectors are on; an absent one is off, though Envoy has some of them on by itself. */
export interface DetectorSettings {
  readonly total?: Consecutive;
  readonly gateway?: Consecutive;
  readonly local?: Consecutive;
  readonly successRate?:
    | {
        readonly minimumHosts?: number | undefined;
        readonly requestVolume?: number | undefined;
        readonly factor?: number | undefined;
      }
    | undefined;
  readonly failurePercentage?:
    | {
        readonly minimumHosts?: number | undefined;
        readonly requestVolume?: number | undefined;
        readonly threshold?: number | undefined;
      }
    | undefined;
}

/** The part of Envoy's `OutlierDetection` that says what makes a host an outlier; `enforcing…` are percentages. */
export function detectorFields({ total, gateway, local, successRate, failurePercentage }: DetectorSettings): ProtoJson {
  return {
    ...given("consecutive5xx", total?.consecutive),
    enforcingConsecutive5xx: enforcing(total),
    ...given("consecutiveGatewayFailure", gateway?.consecutive),
    enforcingConsecutiveGatewayFailure: enforcing(gateway),
    ...given("consecutiveLocalOriginFailure", local?.consecutive),
    enforcingConsecutiveLocalOriginFailure: enforcing(local),
    ...given("successRateMinimumHosts", successRate?.minimumHosts),
    ...given("successRateRequestVolume", successRate?.requestVolume),
    ...given("successRateStdevFactor", thousandths(successRate?.factor)),
    enforcingSuccessRate: enforcing(successRate),
    enforcingLocalOriginSuccessRate: enforcing(successRate),
    ...given("failurePercentageMinimumHosts", failurePercentage?.minimumHosts),
    ...given("failurePercentageRequestVolume", failurePercentage?.requestVolume),
    ...given("failurePercentageThreshold", failurePercentage?.threshold),
    enforcingFailurePercentage: enforcing(failurePercentage),
    enforcingFailurePercentageLocalOrigin: enforcing(failurePercentage),
  };
}

function enforcing(detector: object | undefined): number {
  return detector ? 100 : 0;
}

/** Truncated; first rounded to where binary fractions are exact: 1.001 is 1001, not 1000. */
function thousandths(factor: number | undefined): number | undefined {
  return factor === undefined ? undefined : Math.trunc(Number((factor * 1000).toFixed(6)));
}

function given(name: string, value: number | undefined): ProtoJson {
  return value === undefined ? {} : { [name]: value };
}
