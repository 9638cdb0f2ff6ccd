import { type Filter, filterChain, grpcStatsFilter, outboundListener, tcpProxyFilter } from "@meridian/envoy";
import type { Tags } from "@meridian/model";
import { having, inputsOf, originsOf, removesListener, shapeChain, shapeListener } from "@meridian/policies";
import { rdsConnectionManager } from "../base-config.ts";
import type { PartListener } from "../parts.ts";
import type { OutboundFacts } from "../view/outbound-list.ts";
import { isHttp } from "../view/protocol.ts";
import { weightedClusters } from "./route-configuration.ts";
import type { OutboundNames, RoutedOutbound } from "./routed-outbound.ts";

/** Without filters, Envoy closes each connection. */
export const closeConnections: PartListener = {
  inputs: ["cut"],
  origins: [],
  build: (place) => outboundListener({ ...place, filterChains: [filterChain({ filters: [] })] }),
  isRemoved: () => false,
};

/**
 * Where connections to a service go that nobody offers: Envoy has no such cluster, logs them (flag NC) and closes them. The cluster
 * of the service would do the same until its first endpoint comes; that one comes before the listener that knows the protocol, and
 * a connection made in between would skip the routes of HTTP and be cut, in the middle of a request, when the old chain has drained.
 */
export const nobodyOffersIt = "nobody_offers_it";

export interface OutboundChainOptions extends OutboundNames {
  readonly ipv6Enabled: boolean;
  /** Somebody has, or had until it became ill, a destination of the outbound. */
  readonly isOffered: boolean;
}

/** What the listener of an outbound does with connections (reference: policies-envoy.md 0.4). */
export function outboundChain(
  { service, routeConfigName, listenerTags, ipv6Enabled, isOffered }: OutboundChainOptions,
  routed: RoutedOutbound,
): PartListener {
  const { target, plan } = routed;
  if (isHttp(target.protocol)) {
    const httpFilters = target.protocol === "grpc" ? [grpcStatsFilter] : [];
    return shaped(routed, {
      listenerTags,
      inputs: ["http", service, routeConfigName, ipv6Enabled],
      origins: [],
      filters: () => [rdsConnectionManager({ statPrefix: service, routeConfigName, httpFilters, ipv6Enabled })],
    });
  }
  // TCP knows no matches: the last entry, which matches everything, is the only one that counts.
  const destinations = weightedClusters(plan.entries.at(-1)?.destinations ?? []);
  if (destinations.length === 0) return closeConnections;
  const clusters = isOffered ? destinations : [{ cluster: nobodyOffersIt, weight: 1 }];
  return shaped(routed, {
    listenerTags,
    inputs: ["tcp", service, clusters],
    origins: plan.origins,
    filters: () => [tcpProxyFilter({ statPrefix: service, clusters })],
  });
}

interface Filters {
  readonly listenerTags: Tags | undefined;
  readonly inputs: readonly unknown[];
  readonly origins: readonly string[];
  readonly filters: () => readonly Filter[];
}

/** Policies shape first the chain, then the listener around it. */
function shaped({ target, effects }: RoutedOutbound, { listenerTags, inputs, origins, filters }: Filters): PartListener {
  const shaping = having(effects, "chain", "listener");
  return {
    inputs: [...inputs, listenerTags, target.protocol, inputsOf(shaping)],
    origins: originsOf(shaping, origins),
    build: (place: OutboundFacts) => {
      const chain = shapeChain(filterChain({ filters: filters() }), shaping, target);
      const tags = listenerTags ?? place.tags;
      return shapeListener(outboundListener({ ...place, tags, filterChains: [chain] }), shaping, target);
    },
    isRemoved: (name) => removesListener(name, effects, target),
  };
}
