import type { ProtoJson } from "../core/route.ts";
import type { LoadBalancer } from "./schema.ts";

/**
 * Fields of Envoy's `Cluster` for a load balancer; nothing for round robin, Envoy's default. No hash policy comes with ring hash
 * and Maglev, as with the peer: they place endpoints, but pick by a random hash.
 */
export function loadBalancerFields(loadBalancer: LoadBalancer | undefined): ProtoJson {
  if (loadBalancer?.leastRequest) {
    return { lbPolicy: "LEAST_REQUEST", leastRequestLbConfig: { choiceCount: loadBalancer.leastRequest.choiceCount || 2 } };
  }
  if (loadBalancer?.ringHash) return { lbPolicy: "RING_HASH", ringHashLbConfig: ringHash(loadBalancer.ringHash) };
  if (loadBalancer?.random) return { lbPolicy: "RANDOM" };
  return loadBalancer?.maglev ? { lbPolicy: "MAGLEV" } : {};
}

/** Sizes of 0 are left out: Envoy refuses a largest ring below its smallest. */
function ringHash(conf: NonNullable<LoadBalancer["ringHash"]>): ProtoJson {
  const minimum = Number(conf.minRingSize ?? 0);
  const maximum = Number(conf.maxRingSize ?? 0);
  return {
    hashFunction: conf.hashFunction ?? "XX_HASH",
    ...(minimum > 0 && { minimumRingSize: minimum }),
    ...(maximum > 0 && { maximumRingSize: maximum }),
  };
}
