import { type Cluster, edsCluster, type FilterChain, filterChain, type Route, tcpProxyFilter, typed } from "@meridian/envoy";
import type { Decision, InboundHooks, OutboundHooks } from "../core/effects/hooks.ts";
import type { InboundTarget, OutboundTarget, World } from "../core/effects/targets.ts";
import type { OutboundSubject, Protocol, ProxySubject } from "../core/types.ts";
import { inbound, outbound, policiesFrom, proxy } from "./policies.ts";

// For tests only: what hooks get, as the generator makes it.

export const world: World = { name: "default", zone: "east", mesh: {}, list: () => [] };

export function outboundTarget(protocol: Protocol = "http", service = "orders"): OutboundTarget {
  return { mesh: "default", zone: "east", service, tags: { "kuma.io/service": service }, protocol };
}

export function inboundTarget(protocol: Protocol = "http"): InboundTarget {
  const tags = { "kuma.io/service": "web" };
  return { mesh: "default", zone: "east", service: "web", tags, protocol, address: "10.0.0.1", port: 8080 };
}

interface OutboundInput {
  readonly subject?: ProxySubject;
  readonly outbound?: Partial<OutboundSubject>;
  readonly routes?: readonly string[];
  readonly world?: World;
}

/** What the kind decides for traffic to the service `orders`; `yaml` may hold policies of its kind only. */
export function decideOutbound<Conf>(
  hooks: OutboundHooks<Conf>,
  yaml: string,
  { subject = proxy(), outbound: overrides = {}, routes = [], world: seen = world }: OutboundInput = {},
): Decision<Conf> | undefined {
  return hooks.decide({
    ...{ subject, routes, world: seen, policies: policiesFrom(yaml) },
    outbound: outbound("orders", overrides),
  });
}

/** The same for the inbound of `web`. */
export function decideInbound<Conf>(hooks: InboundHooks<Conf>, yaml: string, seen = world): Decision<Conf> | undefined {
  return hooks.decide({ subject: proxy(), world: seen, policies: policiesFrom(yaml), inbound: inbound("web") });
}

export function clusterDraft(protocol: Protocol = "http"): Cluster {
  const isHttp = protocol === "http" || protocol === "http2" || protocol === "grpc";
  return edsCluster({ name: "orders", ...(isHttp && { http: { version: "http2" } }) });
}

export const routeDraft: Route = { match: { prefix: "/" }, route: { cluster: "orders", timeout: "0s" } };

export const httpChain: FilterChain = filterChain({
  filters: [
    {
      name: "envoy.filters.network.http_connection_manager",
      typedConfig: typed("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
    },
  ],
});

export const tcpChain: FilterChain = filterChain({
  filters: [tcpProxyFilter({ statPrefix: "orders", clusters: [{ cluster: "orders", weight: 1 }] })],
});

/** Fields of the last filter of a chain, without its type. */
export function lastFilter(chain: FilterChain | undefined): object {
  const { "@type": _, ...fields } = chain?.filters.at(-1)?.typedConfig ?? { "@type": "" };
  return fields;
}

/** The HTTP options that connections of a cluster have in common. */
export function commonHttpOptions(cluster: Cluster | undefined): unknown {
  const extensions = cluster?.["typedExtensionProtocolOptions"] as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  return Object.values(extensions)[0]?.["commonHttpProtocolOptions"];
}
