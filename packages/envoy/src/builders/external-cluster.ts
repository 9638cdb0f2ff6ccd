import { isIP } from "node:net";
import { staticCluster } from "./clusters.ts";
import { clusterLoadAssignment, type Endpoint } from "./endpoints.ts";
import type { HttpProtocolOptions } from "./http-protocol-options.ts";
import type { Cluster, TransportSocket } from "./types.ts";

export interface TransportSocketMatch {
  readonly name: string;
  /** Endpoints with these tags, and `matchesTransportSocket`, use the socket. */
  readonly tags: Readonly<Record<string, string>>;
  readonly socket: TransportSocket;
}

export interface ExternalClusterOptions {
  readonly name: string;
  /** Milliseconds, > 0. */
  readonly connectTimeoutMs: number;
  readonly http?: HttpProtocolOptions;
  /** IP addresses or DNS names; none: every request fails. */
  readonly endpoints: readonly Endpoint[];
  /** Envoy `ClusterLoadAssignment.policy` in proto JSON. */
  readonly policy?: Readonly<Record<string, unknown>>;
  /** For all endpoints. */
  readonly socket?: TransportSocket;
  /** By endpoint; one that none fits speaks plain text. */
  readonly socketMatches?: readonly TransportSocketMatch[];
}

/**
 * Servers outside of the mesh (policies-envoy.md 0.5). One name among the endpoints makes Envoy resolve them all, which leaves IP
 * addresses as they are. IPv4 first, then IPv6, instead of the peer's choice by the proxy's own address: all proxies share the cluster.
 */
export function externalCluster(options: ExternalClusterOptions): Cluster {
  const { name, endpoints, policy, socket, socketMatches = [], ...common } = options;
  const hasNames = endpoints.some(({ address }) => isIP(address) === 0);
  return {
    ...staticCluster({
      name,
      connectTimeoutMs: common.connectTimeoutMs,
      endpoints: [],
      ...(common.http && { http: common.http }),
    }),
    ...(hasNames && { type: "STRICT_DNS", dnsLookupFamily: "V4_PREFERRED" }),
    loadAssignment: { ...clusterLoadAssignment(name, endpoints), ...(policy && { policy }) },
    ...(socket && { transportSocket: socket }),
    ...(socketMatches.length > 0 && {
      transportSocketMatches: socketMatches.map((match) => ({
        name: match.name,
        match: match.tags,
        transportSocket: match.socket,
      })),
    }),
  };
}
