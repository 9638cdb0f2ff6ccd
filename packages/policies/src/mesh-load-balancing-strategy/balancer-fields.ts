import type { Cluster } from "@meridian/envoy";
import { decimalOf } from "../core/fragments/number.ts";
import type { ProtoJson } from "../core/route.ts";
import type { LoadBalancingConf } from "./schema.ts";

type LoadBalancer = NonNullable<LoadBalancingConf["loadBalancer"]>;

/** Envoy's own default of `minimum_ring_size` (cluster.proto, RingHashLbConfig). */
const defaultMinRingSize = 1024;
/** Largest table of Maglev (cluster.proto, MaglevLbConfig); itself a prime. */
const maxTableSize = 5_000_011;

/** Fields of Envoy's `Cluster` (reference: policies-envoy.md section 12). What is absent is left to Envoy. */
export function balancerFields(loadBalancer: LoadBalancer): ProtoJson {
  switch (loadBalancer.type) {
    case "RoundRobin":
      return { lbPolicy: "ROUND_ROBIN" };
    case "Random":
      return { lbPolicy: "RANDOM" };
    case "LeastRequest":
      return { lbPolicy: "LEAST_REQUEST", leastRequestLbConfig: leastRequest(loadBalancer.leastRequest ?? {}) };
    case "RingHash":
      return { lbPolicy: "RING_HASH", ringHashLbConfig: ringHash(loadBalancer.ringHash ?? {}) };
    case "Maglev":
      return { lbPolicy: "MAGLEV", maglevLbConfig: maglev(loadBalancer.maglev ?? {}) };
  }
}

/** The cluster with another balancer. Only one `…LbConfig` may be set: what a TrafficRoute said of its own balancer goes. */
export function withBalancer(cluster: Cluster, fields: ProtoJson): Cluster {
  const { leastRequestLbConfig: _l, ringHashLbConfig: _r, maglevLbConfig: _m, ...rest } = cluster;
  return { ...(rest as Cluster), ...fields };
}

function leastRequest({ choiceCount, activeRequestBias }: NonNullable<LoadBalancer["leastRequest"]>): ProtoJson {
  const bias = activeRequestBias === undefined ? undefined : decimalOf(activeRequestBias);
  return {
    ...(choiceCount !== undefined && { choiceCount }),
    ...(bias !== undefined && { activeRequestBias: { defaultValue: bias, runtimeKey: "lb_policy.active_request_bias" } }),
  };
}

/** A largest ring that is smaller than the smallest one is refused by Envoy: then the ring has just the largest size. */
function ringHash({ hashFunction, minRingSize, maxRingSize }: NonNullable<LoadBalancer["ringHash"]>): ProtoJson {
  const isCapped = maxRingSize !== undefined && maxRingSize < (minRingSize ?? defaultMinRingSize);
  const minimum = isCapped ? maxRingSize : minRingSize;
  return {
    ...(hashFunction && { hashFunction: hashFunction === "MurmurHash2" ? "MURMUR_HASH_2" : "XX_HASH" }),
    ...(minimum !== undefined && { minimumRingSize: minimum }),
    ...(maxRingSize !== undefined && { maximumRingSize: maxRingSize }),
  };
}

/** Envoy refuses a table whose size is no prime number; the next one is what was meant. */
function maglev({ tableSize }: NonNullable<LoadBalancer["maglev"]>): ProtoJson {
  return tableSize === undefined ? {} : { tableSize: nextPrime(tableSize) };
}

export function nextPrime(from: number): number {
  let candidate = Math.min(Math.max(2, from), maxTableSize);
  while (!isPrime(candidate)) candidate += 1;
  return candidate;
}

/** At most 1,118 divisions: the largest table is about 5 million. */
function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor += 1) if (value % divisor === 0) return false;
  return true;
}
