import {
  type Filter,
  grpcStatsFilter,
  inboundHttpConnectionManager,
  inboundListenerName,
  inboundRouteConfiguration,
  inboundRouteName,
  localClusterName,
  type Route,
  tcpProxyFilter,
} from "@meridian/envoy";
import { shapeInboundRoutes } from "@meridian/policies";
import { baseTimeouts } from "../base-config.ts";
import type { InboundFacts } from "../view/dataplane-facts.ts";
import type { InboundOptions } from "./inbound-options.ts";

/** Forwards bytes to the workload. */
export function plainBytes({ workloadPort }: InboundFacts): Filter {
  const cluster = localClusterName(workloadPort);
  return tcpProxyFilter({
    statPrefix: cluster,
    clusters: [{ cluster, weight: 1 }],
    idleTimeoutMs: baseTimeouts.inboundIdleTimeoutMs,
  });
}

/** @param firstFilters before all other HTTP filters. */
export function httpFilter(options: InboundOptions, firstFilters: readonly Filter[]): Filter {
  const { inbound, ipv6Enabled, effects, target } = options;
  const { service, address, port, protocol, workloadPort } = inbound;
  const cluster = localClusterName(workloadPort);
  const listener = inboundListenerName(address, port);
  return inboundHttpConnectionManager({
    statPrefix: cluster,
    ipv6Enabled,
    httpFilters: [...firstFilters, ...(protocol === "grpc" ? [grpcStatsFilter] : [])],
    idleTimeoutMs: baseTimeouts.inboundIdleTimeoutMs,
    routeConfig: inboundRouteConfiguration({
      name: service ? inboundRouteName(service) : listener,
      virtualHost: service || listener,
      routes: shapeInboundRoutes([localRoute(cluster)], effects, target),
    }),
  });
}

/** Without a timeout of its own: Envoy's default would be 15 s. */
function localRoute(cluster: string): Route {
  return { match: { prefix: "/" }, route: { cluster, timeout: "0s" } };
}
