import type { Cluster } from "@meridian/envoy";
import { detectorFields, type Limits, setLimits } from "../core/effects/circuit-breakers.ts";
import { decideInbound } from "../core/effects/decide-inbound.ts";
import { decideTo } from "../core/effects/decide-to.ts";
import { positiveDuration } from "../core/effects/durations.ts";
import type { InboundHooks, OutboundHooks } from "../core/effects/hooks.ts";
import { setPanicThreshold } from "../core/effects/panic.ts";
import { present } from "../core/effects/present.ts";
import { decimalOf } from "../core/fragments/number.ts";
import { percentageOf } from "../core/fragments/percentage.ts";
import type { ProtoJson } from "../core/route.ts";
import type { CircuitBreakerConf, Detectors } from "./schema.ts";

interface Breakers {
  readonly limits?: Limits;
  /** Envoy `OutlierDetection`. */
  readonly outliers?: ProtoJson;
  readonly panicPercent?: number;
}

/** Clusters of destinations, whatever their protocol (reference: policies-envoy.md section 7). */
export const outboundBreakers: OutboundHooks<Breakers> = {
  decide(input) {
    const decision = decideTo<CircuitBreakerConf>(input);
    // Routes share clusters, so there is nothing for a single one.
    return decision && { conf: breakersOf(decision.conf), origins: decision.origins };
  },
  cluster: setBreakers,
};

/** The cluster in front of the workload, which all clients share: rules for some of them say nothing here. */
export const inboundBreakers: InboundHooks<Breakers> = {
  decide(input) {
    const decision = decideInbound<CircuitBreakerConf>(input);
    return decision?.conf.all && { conf: breakersOf(decision.conf.all), origins: decision.origins };
  },
  cluster: setBreakers,
};

function setBreakers(cluster: Cluster, { limits, outliers, panicPercent }: Breakers): Cluster {
  const limited = limits ? setLimits(cluster, limits) : cluster;
  return setPanicThreshold(outliers ? { ...limited, outlierDetection: outliers } : limited, panicPercent);
}

function breakersOf({ connectionLimits, outlierDetection }: CircuitBreakerConf): Breakers {
  const detection = outlierDetection?.disabled ? undefined : outlierDetection;
  return present({
    limits: connectionLimits && present(connectionLimits),
    outliers: detection && outliersOf(detection),
    panicPercent: detection?.healthyPanicThreshold === undefined ? undefined : percentageOf(detection.healthyPanicThreshold),
  });
}

function outliersOf(detection: NonNullable<CircuitBreakerConf["outlierDetection"]>): ProtoJson {
  const { interval, baseEjectionTime, maxEjectionPercent, splitExternalAndLocalErrors, detectors = {} } = detection;
  return {
    ...present({
      interval: positiveDuration(interval),
      baseEjectionTime: positiveDuration(baseEjectionTime),
      maxEjectionPercent,
      splitExternalLocalOriginErrors: splitExternalAndLocalErrors,
    }),
    ...detectorFields(detectorSettings(detectors)),
  };
}

/** Those that count in a row are on when they have a number. */
function detectorSettings({ totalFailures, gatewayFailures, localOriginFailures, successRate, failurePercentage }: Detectors) {
  return {
    total: withNumber(totalFailures),
    gateway: withNumber(gatewayFailures),
    local: withNumber(localOriginFailures),
    successRate: successRate && {
      minimumHosts: successRate.minimumHosts,
      requestVolume: successRate.requestVolume,
      factor: successRate.standardDeviationFactor === undefined ? undefined : decimalOf(successRate.standardDeviationFactor),
    },
    failurePercentage,
  };
}

function withNumber(detector: Detectors["totalFailures"]): Detectors["totalFailures"] {
  return detector?.consecutive === undefined ? undefined : detector;
}
