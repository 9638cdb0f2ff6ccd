import { socketAddress } from "./basics.ts";
import type { ClusterLoadAssignment, LocalityEndpoints } from "./types.ts";

type Tags = Readonly<Record<string, string>>;

/** One address that serves a destination. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  /** >= 1 (load_balancing_weight); default 1. */
  readonly weight?: number;
  /** "" or absent: no locality. */
  readonly zone?: string;
  readonly subZone?: string;
  /** Of all endpoints of its locality and priority together, >= 1; counts in clusters with `localityWeightedLbConfig` only. */
  readonly localityWeight?: number;
  /** 0 is preferred; Envoy goes on to the next when too few are healthy. Priorities must be dense from 0. */
  readonly priority?: number;
  /** What subsets and transport socket matches select by; `kuma.io/service` is left out. */
  readonly tags?: Tags;
  /** Tags also choose among the cluster's `transportSocketMatches` (external services with TLS of their own). */
  readonly matchesTransportSocket?: boolean;
  /** The Dataplane's labels, of local endpoints. */
  readonly labels?: Tags;
}

/**
 * The endpoints of a cluster, grouped by locality and priority. Groups are sorted by zone, endpoints by address and port, so the
 * same endpoints give the same bytes (policies-envoy.md 0.7).
 */
export function clusterLoadAssignment(clusterName: string, endpoints: readonly Endpoint[]): ClusterLoadAssignment {
  const groups = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    const key = JSON.stringify([endpoint.zone ?? "", endpoint.subZone ?? "", endpoint.priority ?? 0]);
    const group = groups.get(key);
    if (group) group.push(endpoint);
    else groups.set(key, [endpoint]);
  }
  return { clusterName, endpoints: [...groups.values()].sort(compareGroups).map(localityEndpoints) };
}

function localityEndpoints(group: readonly Endpoint[]): LocalityEndpoints {
  const { zone = "", subZone = "", priority = 0, localityWeight } = group[0] ?? {};
  return {
    ...((zone !== "" || subZone !== "") && { locality: { ...(zone !== "" && { zone }), ...(subZone !== "" && { subZone }) } }),
    lbEndpoints: [...group].sort(compareEndpoints).map(lbEndpoint),
    ...(priority > 0 && { priority }),
    ...(localityWeight !== undefined && { loadBalancingWeight: localityWeight }),
  };
}

function lbEndpoint(endpoint: Endpoint): Readonly<Record<string, unknown>> {
  const { "kuma.io/service": _, ...tags } = endpoint.tags ?? {};
  const hasTags = Object.keys(tags).length > 0;
  const hasLabels = Object.keys(endpoint.labels ?? {}).length > 0;
  const filterMetadata = {
    ...(hasTags && { "envoy.lb": tags, ...(endpoint.matchesTransportSocket && { "envoy.transport_socket_match": tags }) }),
    ...(hasLabels && { "io.kuma.labels": endpoint.labels }),
  };
  return {
    endpoint: { address: socketAddress(endpoint.address, endpoint.port) },
    ...((hasTags || hasLabels) && { metadata: { filterMetadata } }),
    loadBalancingWeight: endpoint.weight ?? 1,
  };
}

function compareGroups([a]: readonly Endpoint[], [b]: readonly Endpoint[]): number {
  return (
    compare(a?.zone ?? "", b?.zone ?? "") ||
    compare(a?.subZone ?? "", b?.subZone ?? "") ||
    (a?.priority ?? 0) - (b?.priority ?? 0)
  );
}

/** Two endpoints of one address and port (two ingress entries with different tags) are ordered by the rest. */
function compareEndpoints(a: Endpoint, b: Endpoint): number {
  return compare(a.address, b.address) || a.port - b.port || compare(tieBreak(a), tieBreak(b));
}

function tieBreak(endpoint: Endpoint): string {
  return JSON.stringify([sortedPairs(endpoint.tags), sortedPairs(endpoint.labels), endpoint.weight ?? 1]);
}

function sortedPairs(tags: Tags = {}): readonly (readonly [string, string])[] {
  return Object.entries(tags).sort(([a], [b]) => compare(a, b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
