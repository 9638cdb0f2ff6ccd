import { fieldAt, type Json, listOf } from "./json.ts";

/** One address of a cluster, and how much of its traffic it gets while all are well. */
export interface ClusterEndpoint {
  readonly address: string;
  readonly port: number;
  /** "": none. */
  readonly zone: string;
  /** 0 is taken first. */
  readonly priority: number;
  readonly weight: number;
  /** Of the cluster's requests, in [0, 1]; 0 for priorities that wait until those before them fail. */
  readonly share: number;
  /** `envoy.lb` metadata. */
  readonly tags: Json;
}

interface Locality {
  readonly json: Json;
  readonly priority: number;
  readonly endpoints: readonly Json[];
}

/**
 * Endpoints of a ClusterLoadAssignment, in order of preference. Shares are those of weighted balancing: within a priority by the
 * weight of the endpoint, or by the weight of its locality first where the cluster asks for that (`localityWeightedLbConfig`).
 * Whatever balances by request (ring hash) has these shares on average.
 */
export function clusterEndpoints(assignment: Json, cluster: Json): readonly ClusterEndpoint[] {
  const localities = listOf(assignment["endpoints"]).map(
    (json): Locality => ({
      json,
      priority: Number(json["priority"] ?? 0),
      endpoints: listOf(json["lbEndpoints"]).filter(isUsable),
    }),
  );
  const filled = localities.filter(({ endpoints }) => endpoints.length > 0);
  const first = Math.min(...filled.map(({ priority }) => priority));
  const active = filled.filter(({ priority }) => priority === first);
  const byLocality = fieldAt(cluster, "commonLbConfig", "localityWeightedLbConfig") !== undefined;
  return filled
    .flatMap((locality) => {
      const share = locality.priority === first ? localityShare(locality, active, byLocality) : 0;
      return locality.endpoints.map((endpoint) => endpointOf(endpoint, locality, share));
    })
    .sort((a, b) => a.priority - b.priority || b.share - a.share);
}

function isUsable({ healthStatus = "UNKNOWN" }: Json): boolean {
  return healthStatus === "UNKNOWN" || healthStatus === "HEALTHY" || healthStatus === "DEGRADED";
}

function localityShare(locality: Locality, active: readonly Locality[], byLocality: boolean): number {
  const weigh = ({ json, endpoints }: Locality): number =>
    byLocality ? Number(json["loadBalancingWeight"] ?? 0) : sumOf(endpoints.map(weightOf));
  const total = sumOf(active.map(weigh));
  return total === 0 ? 0 : weigh(locality) / total;
}

function endpointOf(endpoint: Json, { json, priority, endpoints }: Locality, share: number): ClusterEndpoint {
  const socket = fieldAt(endpoint, "endpoint", "address", "socketAddress");
  return {
    address: String(fieldAt(socket, "address") ?? ""),
    port: Number(fieldAt(socket, "portValue") ?? 0),
    zone: String(fieldAt(json, "locality", "zone") ?? ""),
    priority,
    weight: weightOf(endpoint),
    share: (share * weightOf(endpoint)) / sumOf(endpoints.map(weightOf)),
    tags: (fieldAt(endpoint, "metadata", "filterMetadata", "envoy.lb") ?? {}) as Json,
  };
}

function weightOf({ loadBalancingWeight = 1 }: Json): number {
  return Number(loadBalancingWeight);
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
