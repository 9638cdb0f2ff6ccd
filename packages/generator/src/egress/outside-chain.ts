import {
  denyAll,
  downstreamTlsSocket,
  egressHttpConnectionManager,
  egressRouteConfiguration,
  type Filter,
  type FilterChain,
  filterChain,
  grpcStatsFilter,
  httpRbacFilter,
  networkRbacFilter,
  type Route,
  serverNameMatch,
  tcpProxyFilter,
} from "@meridian/envoy";
import type { PermissionPlan, Protocol } from "@meridian/policies";
import { baseTimeouts } from "../base-config.ts";
import type { EgressTls } from "../sidecar/proxy-tls.ts";
import { isHttp } from "../view/protocol.ts";

export interface OutsideChainOptions {
  readonly mesh: string;
  /** Whom the egress believes; undefined: the mesh's CA. */
  readonly tls: EgressTls | undefined;
  /** Of the chain, its virtual host and its metrics. */
  readonly name: string;
  readonly serverName: string;
  readonly cluster: string;
  readonly protocol: Protocol;
  /** Undefined: everybody of the mesh may use it. */
  readonly permission: Pick<PermissionPlan, "placement" | "rbac"> | undefined;
  readonly shapeRoutes: (routes: readonly Route[]) => readonly Route[];
  readonly ipv6Enabled: boolean;
}

export const nobody: OutsideChainOptions["permission"] = { placement: "http", rbac: denyAll };

/**
 * Where TLS of the mesh ends and a request leaves for a server outside (reference: policies-envoy.md 0.10, external): the last place that
 * knows who the client is.
 */
export function outsideChain(options: OutsideChainOptions): FilterChain {
  const { mesh, tls, name, serverName } = options;
  return filterChain({
    name,
    match: serverNameMatch(serverName),
    transportSocket: downstreamTlsSocket({ mesh, ...tls }),
    filters: outsideFilters(options),
  });
}

/** How long a request may take, and be silent, is for the client's sidecar to say: Envoy's own 5 minutes would undercut it. */
const endless = { timeout: "0s", idleTimeout: "0s" };

function bytesTo({ name, cluster }: OutsideChainOptions): Filter {
  const { inboundIdleTimeoutMs: idleTimeoutMs } = baseTimeouts;
  return tcpProxyFilter({ statPrefix: name, clusters: [{ cluster, weight: 1 }], idleTimeoutMs });
}

function outsideFilters(options: OutsideChainOptions): readonly Filter[] {
  const { name, cluster, protocol, permission, shapeRoutes, ipv6Enabled } = options;
  const inHttp = isHttp(protocol) && permission?.placement === "http";
  const rbac = permission && !inHttp ? [networkRbacFilter(name, permission.rbac)] : [];
  if (!isHttp(protocol)) return [...rbac, bytesTo(options)];
  const first = permission && inHttp ? [httpRbacFilter(permission.rbac)] : [];
  const manager = egressHttpConnectionManager({
    statPrefix: name,
    ipv6Enabled,
    httpFilters: [...first, ...(protocol === "grpc" ? [grpcStatsFilter] : [])],
    routeConfig: egressRouteConfiguration({
      name: `outbound:${name}`,
      virtualHost: name,
      routes: shapeRoutes([{ match: { prefix: "/" }, route: { cluster, ...endless, autoHostRewrite: true } }]),
    }),
  });
  return [...rbac, manager];
}
