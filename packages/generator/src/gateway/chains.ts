import {
  anyTlsMatch,
  certificateTlsSocket,
  compressorFilter,
  connectionLimitFilter,
  downstreamTlsSocket,
  edgeManagerFields,
  type Filter,
  type FilterChain,
  type FilterChainMatch,
  filterChain,
  gatewayCertificateName,
  gatewayRouteName,
  meshTlsMatch,
  serverNameMatch,
  type TlsSecrets,
  type TransportSocket,
  tcpProxyFilter,
} from "@meridian/envoy";
import { anyHost, type ListenerTarget, shapeListenerChain, withRequestLimits } from "@meridian/policies";
import { rdsConnectionManager } from "../base-config.ts";
import { tagsText } from "../view/tags.ts";
import type { RoutedHost } from "./routes.ts";
import { listenerEffects, routesOf } from "./side.ts";

/** Milliseconds; of connections of strangers. */
const idleTimeoutMs = 300_000;

/** SDS names of the certificates of a host. */
export function certificatesOf({ mesh, gateway, port, host }: RoutedHost): readonly string[] {
  return Array.from({ length: host.certificates ?? 0 }, (_, index) =>
    gatewayCertificateName({ mesh: mesh.name, gateway: gateway.name, port: port.port, hostname: host.written, index }),
  );
}

/**
 * The filter chains of a port (reference: policies-envoy.md 0.11): one for all hosts where the host is in the request, or nowhere; one
 * for each host where TLS tells it.
 * @param hosts of one port, at least one.
 */
export function gatewayChains(hosts: readonly RoutedHost[], ipv6Enabled: boolean): readonly FilterChain[] {
  const [first] = hosts;
  if (!first) return [];
  const { protocol } = first.port;
  if (protocol === "HTTP") {
    const chain = shaped(hosts, httpChain(first, { hostname: anyHost, ipv6Enabled }));
    return [first.peers ? { ...chain, ...meshTls(first.mesh.name, first.peers) } : chain];
  }
  if (protocol === "TCP") return [shaped(hosts, bytesChain(hosts))];
  return hosts.map((host) => {
    const { hostname } = host.host;
    const chain = protocol === "HTTPS" ? httpChain(host, { hostname, ipv6Enabled }) : bytesChain([host]);
    const alpn = protocol === "HTTPS" ? ["h2", "http/1.1"] : [];
    return { ...shaped([host], chain), ...endsTls(host, alpn), filterChainMatch: tlsMatch(hostname) };
  });
}

function tlsMatch(hostname: string): FilterChainMatch {
  return hostname === anyHost ? anyTlsMatch : serverNameMatch(hostname);
}

function endsTls(host: RoutedHost, alpn: readonly string[]): { readonly transportSocket?: TransportSocket } {
  const certificates = certificatesOf(host);
  return certificates.length > 0 ? { transportSocket: certificateTlsSocket(certificates, alpn) } : {};
}

/** Whoever shows a certificate of any mesh comes in: who may go on, destinations decide for the gateway. */
function meshTls(mesh: string, secrets: TlsSecrets): Pick<FilterChain, "filterChainMatch" | "transportSocket"> {
  return { filterChainMatch: meshTlsMatch, transportSocket: downstreamTlsSocket({ mesh, secrets, clientPrefixes: [] }) };
}

interface HttpOptions {
  /** Of the routes. */
  readonly hostname: string;
  readonly ipv6Enabled: boolean;
}

function httpChain({ target }: RoutedHost, { hostname, ipv6Enabled }: HttpOptions): FilterChain {
  const manager = rdsConnectionManager({
    statPrefix: target.service,
    routeConfigName: gatewayRouteName(target.name, hostname),
    httpFilters: [],
    ipv6Enabled,
  });
  const edge: Filter = { ...manager, typedConfig: { ...manager.typedConfig, ...edgeManagerFields } };
  return withCompression(withRequestLimits(filterChain({ filters: [edge] })));
}

/** Directly before the router, which is always the last one. */
function withCompression(chain: FilterChain): FilterChain {
  const filters = chain.filters.map((filter) => {
    const httpFilters = filter.typedConfig["httpFilters"] as readonly Filter[];
    return { ...filter, typedConfig: { ...filter.typedConfig, httpFilters: httpFilters.toSpliced(-1, 0, compressorFilter) } };
  });
  return { ...chain, filters };
}

/** Connections to all that routes name, whichever of the hosts they are for; nowhere: they are closed. */
function bytesChain(hosts: readonly RoutedHost[]): FilterChain {
  const clusters = new Map<string, number>();
  for (const { plan, destinations } of hosts) {
    for (const { tags, weight } of plan.connections) {
      const name = destinations.get(tagsText(tags))?.clusterName ?? "";
      clusters.set(name, (clusters.get(name) ?? 0) + weight);
    }
  }
  const weighted = [...clusters].map(([cluster, weight]) => ({ cluster, weight }));
  if (weighted.length === 0) return filterChain({ filters: [] });
  const statPrefix = hosts[0]?.target.service ?? "";
  return filterChain({ filters: [tcpProxyFilter({ statPrefix, clusters: weighted, idleTimeoutMs })] });
}

/** @param hosts that share the chain. Policies that pick listeners by tags are for all of them as soon as they pick one. */
function shaped(hosts: readonly RoutedHost[], chain: FilterChain): FilterChain {
  const [first] = hosts;
  if (!first) return chain;
  const limit = first.port.connectionLimit;
  return withConnectionLimit(shapeListenerChain(chain, chainEffects(hosts), first.target), first.target, limit);
}

/** Everything that policies want of a chain. @param hosts at least one. */
export function chainEffects(hosts: readonly RoutedHost[]) {
  const [first] = hosts;
  if (!first || hosts.length === 1) return first?.effects ?? [];
  const subject = { ...first.subject, tagSets: hosts.map(({ host }) => host.tags) };
  const routes = [...new Set(hosts.flatMap(({ plan }) => routesOf(plan)))];
  return listenerEffects(first, first.host, { subject, routes });
}

function withConnectionLimit(chain: FilterChain, { name }: ListenerTarget, limit: number | undefined): FilterChain {
  if (limit === undefined || chain.filters.length === 0) return chain;
  return { ...chain, filters: [connectionLimitFilter(name, limit), ...chain.filters] };
}
