import type { MeshGatewaySpec, Resource, Tags } from "@meridian/model";
import { tagNames } from "@meridian/model";
import { type ListenerRoute, routesOfListener } from "./gateway-routes.ts";
import type { MeshInventory } from "./inventory.ts";
import { type LegacyPolicies, legacyPolicies } from "./legacy.ts";
import { distinct } from "./meta.ts";
import type { InspectedGateway, InspectedProxy } from "./proxy.ts";
import type { Policy } from "./to-policies.ts";

export interface GatewayDestination {
  readonly tags: Tags;
  /** At most one of a kind. */
  readonly policies: readonly Resource[];
}

export interface GatewayRoute {
  readonly resource: Resource;
  readonly destinations: readonly GatewayDestination[];
}

export interface GatewayHost {
  readonly hostName: string;
  readonly routes: readonly GatewayRoute[];
}

export interface GatewayListenerView {
  readonly port: number;
  readonly protocol: string;
  readonly hosts: readonly GatewayHost[];
}

/** What a builtin gateway does with requests, and which policies are behind it. */
export interface GatewayView {
  readonly gateway: Resource<MeshGatewaySpec>;
  readonly listeners: readonly GatewayListenerView[];
  /** Of the whole gateway. */
  readonly policies: readonly Resource[];
}

/** Policies that a gateway has for each destination of a listener. */
const connectionKinds = ["CircuitBreaker", "FaultInjection", "HealthCheck", "RateLimit", "Retry", "Timeout"] as const;
const gatewayKinds = ["TrafficLog", "TrafficTrace"] as const;

/**
 * @param modern policies of the targetRef generation that select the proxy.
 */
export function gatewayView(
  inventory: MeshInventory,
  proxy: InspectedProxy & { readonly gateway: InspectedGateway },
  modern: readonly Policy[],
): GatewayView {
  const legacy = legacyPolicies(inventory);
  const { resource, listenerTags } = proxy.gateway;
  const listeners = new Map<number, { readonly protocol: string; readonly hosts: Map<string, GatewayRoute[]> }>();
  resource.spec.conf.listeners.forEach((listener, index) => {
    const tags = listenerTags[index] ?? {};
    const known = listeners.get(listener.port) ?? { protocol: listener.protocol, hosts: new Map<string, GatewayRoute[]>() };
    listeners.set(listener.port, known);
    const own = listener.hostname || "*";
    if (!known.hosts.has(own)) known.hosts.set(own, []);
    for (const route of routesOfListener(inventory, proxy, { listener, tags })) {
      const view = routeView(route, legacy, { ...proxy, subject: { ...proxy.subject, tagSets: [tags] } });
      for (const host of hostsOf(route, own)) known.hosts.set(host, [...(known.hosts.get(host) ?? []), view]);
    }
  });
  return {
    gateway: resource,
    listeners: [...listeners].map(([port, { protocol, hosts }]) => ({
      port,
      protocol,
      hosts: [...hosts].map(([hostName, routes]) => ({ hostName, routes })),
    })),
    policies: distinct([...wholeGateway(legacy, proxy), ...modern]),
  };
}

function wholeGateway(legacy: LegacyPolicies, proxy: InspectedProxy): readonly Resource[] {
  return gatewayKinds.flatMap((kind) => {
    const policy = kind === "TrafficTrace" ? legacy.forProxy(kind, proxy) : legacy.forService(kind, proxy, "pass_through");
    return policy ?? [];
  });
}

function routeView({ resource, destinations }: ListenerRoute, legacy: LegacyPolicies, proxy: InspectedProxy): GatewayRoute {
  return {
    resource,
    destinations: destinations.map((tags) => ({
      tags,
      policies: connectionKinds.flatMap((kind) => legacy.forService(kind, proxy, tags[tagNames.service] ?? "") ?? []),
    })),
  };
}

/** A route is for its own names as far as the listener takes them in; without names, for all that the listener has. */
function hostsOf({ hostnames }: ListenerRoute, listener: string): readonly string[] {
  if (hostnames.length === 0) return [listener];
  return hostnames.flatMap((host) => {
    if (covers(listener, host)) return [host];
    return covers(host, listener) ? [listener] : [];
  });
}

/** `*` covers everything, `*.example.com` what ends in `.example.com`. */
function covers(pattern: string, host: string): boolean {
  if (pattern === "*" || pattern === host) return true;
  return pattern.startsWith("*.") && host.endsWith(pattern.slice(1));
}
