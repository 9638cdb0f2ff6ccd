import type { Route, RouteConfiguration, VirtualHost } from "./types.ts";

/** Carries the caller's tags between proxies; a workload must neither see it nor be able to forge it. */
const tagsHeader = "x-kuma-tags";

/** One destination of a route. */
export interface WeightedCluster {
  readonly cluster: string;
  readonly weight: number;
}

/**
 * Names the clusters of a route: one directly, several by weight (route_components.proto, `cluster_specifier`).
 * @throws RangeError without a cluster: Envoy refuses such a route.
 */
export function routeToClusters(route: Route, clusters: readonly WeightedCluster[]): Route {
  const [first] = clusters;
  if (!first) throw new RangeError("a route needs at least one cluster");
  const destination =
    clusters.length === 1
      ? { cluster: first.cluster }
      : { weightedClusters: { clusters: clusters.map(({ cluster, weight }) => ({ name: cluster, weight })) } };
  return { ...route, route: { ...route.route, ...destination } };
}

export interface ServiceRoutesOptions {
  readonly name: string;
  /** Name of the virtual host, which takes every domain. */
  readonly virtualHost: string;
  readonly routes: readonly Route[];
}

/** Routes of an inbound: everything goes to the workload, without the caller's tags (policies-envoy.md 0.3). */
export function inboundRouteConfiguration(options: ServiceRoutesOptions): RouteConfiguration {
  const { name, virtualHost, routes } = options;
  return { name, virtualHosts: [anyDomain(virtualHost, routes)], validateClusters: false, requestHeadersToRemove: [tagsHeader] };
}

/** Routes of a zone egress to one service outside: without the caller's tags, which are nobody's business there. */
export function egressRouteConfiguration({ name, virtualHost, routes }: ServiceRoutesOptions): RouteConfiguration {
  return { name, virtualHosts: [anyDomain(virtualHost, routes)], requestHeadersToRemove: [tagsHeader] };
}

/** Routes of an outbound. Clusters are not checked when routes arrive: they come by CDS, on their own time. */
export function outboundRouteConfiguration({ name, virtualHost, routes }: ServiceRoutesOptions): RouteConfiguration {
  return { name, virtualHosts: [{ ...anyDomain(virtualHost, routes), retryPolicy: connectRetries }], validateClusters: false };
}

/**
 * What applies where no policy says otherwise: a request that never reached a server is tried again, on another endpoint if there is
 * one. It hides endpoints that come and go, and repeats nothing that a server may have begun. A route's own policy wins
 * (RouteAction.retry_policy). Back-off as the peer's default: 25 ms to 250 ms.
 */
const connectRetries = {
  retryOn: "connect-failure,refused-stream",
  numRetries: 5,
  retryBackOff: { baseInterval: "0.025s", maxInterval: "0.250s" },
} as const;

function anyDomain(name: string, routes: readonly Route[]): VirtualHost {
  return { name, domains: ["*"], routes };
}
