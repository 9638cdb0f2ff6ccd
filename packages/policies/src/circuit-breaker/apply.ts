import { detectorFields, type Limits, setLimits } from "../core/effects/circuit-breakers.ts";
import { decideLegacyOutbound } from "../core/effects/decide-legacy.ts";
import { positiveDuration } from "../core/effects/durations.ts";
import type { OutboundHooks } from "../core/effects/hooks.ts";
import { present } from "../core/effects/present.ts";
import type { ProtoJson } from "../core/route.ts";
import type { CircuitBreakerSpec } from "./schema.ts";

interface Breakers {
  readonly limits: Limits;
  /** Envoy `OutlierDetection`. */
  readonly outliers: ProtoJson;
}

/** Limits and detection of one policy, with every detector off that it does not name (reference: resources-legacy.md section 6). */
export const legacyBreakers: OutboundHooks<Breakers> = {
  decide: (input) => decideLegacyOutbound<CircuitBreakerSpec, Breakers>(input, ({ conf }) => breakersOf(conf)),
  cluster: (cluster, { limits, outliers }) => ({ ...setLimits(cluster, limits), outlierDetection: outliers }),
};

function breakersOf(conf: CircuitBreakerSpec["conf"]): Breakers {
  const { interval, baseEjectionTime, maxEjectionPercent, splitExternalAndLocalErrors, detectors = {}, thresholds = {} } = conf;
  const { totalErrors, gatewayErrors, localErrors, standardDeviation, failure } = detectors;
  return {
    limits: present(thresholds),
    outliers: {
      ...present({
        interval: positiveDuration(interval),
        baseEjectionTime: positiveDuration(baseEjectionTime),
        maxEjectionPercent,
        splitExternalLocalOriginErrors: splitExternalAndLocalErrors,
      }),
      ...detectorFields({
        ...{ total: totalErrors, gateway: gatewayErrors, local: localErrors },
        ...{ successRate: standardDeviation, failurePercentage: failure },
      }),
    },
  };
}
