import { Counter, Gauge, Histogram, type Registry } from "@meridian/base";

/** What an operator of a zone watches. */
export interface ZoneMetrics {
  readonly connectedProxies: Gauge;
  readonly refusedProxies: Counter;
  readonly responses: Counter<"event">;
  readonly nacks: Counter;
  readonly certificates: Counter;
  readonly generationFailures: Gauge;
  readonly generationSeconds: Histogram;
  readonly pushSeconds: Histogram;
}

export function createZoneMetrics(registry: Registry): ZoneMetrics {
  const registers = [registry];
  const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
  return {
    connectedProxies: new Gauge({ name: "meridian_connected_proxies", help: "Proxies with an open ADS stream.", registers }),
    refusedProxies: new Counter({
      name: "meridian_refused_proxies_total",
      help: "Streams refused: for their token, their resource or their mesh.",
      registers,
    }),
    responses: new Counter({
      name: "meridian_xds_responses_total",
      help: "xDS responses by what became of them.",
      labelNames: ["event"],
      registers,
    }),
    nacks: new Counter({ name: "meridian_xds_nacks_total", help: "Configs that a proxy rejected.", registers }),
    certificates: new Counter({ name: "meridian_certificates_issued_total", help: "Leaf certificates issued.", registers }),
    generationFailures: new Gauge({
      name: "meridian_generation_failures",
      help: "Parts of configs that cannot be generated now; their last good state stays.",
      registers,
    }),
    generationSeconds: new Histogram({
      name: "meridian_generation_seconds",
      help: "Time to regenerate what a change affects.",
      buckets,
      registers,
    }),
    pushSeconds: new Histogram({
      name: "meridian_push_seconds",
      help: "From a change in the zone's store to the last acknowledgement.",
      buckets,
      registers,
    }),
  };
}
