import { outboundRouteConfiguration, type Route, type RouteConfiguration, type VirtualHost } from "@meridian/envoy";
import { tagNames } from "@meridian/model";
import { type HostRoutes, type RouteEntry, shapeListenerRoute, shapeRoute, shapeRouteConfiguration } from "@meridian/policies";
import { sourceTagsHeader } from "../sidecar/source-tags.ts";
import { tagsText } from "../view/tags.ts";
import type { GatewayDestination } from "./destinations.ts";
import type { HostSide } from "./side.ts";

/** A listener with what is behind it. */
export interface RoutedHost extends HostSide {
  readonly destinations: ReadonlyMap<string, GatewayDestination>;
}

const nothingHere: Route = {
  match: { prefix: "/" },
  directResponse: { status: 404, body: { inlineString: "This is a MeshGateway. No routes match this request.\n" } },
};

/** Tells browsers to come back over HTTPS only (RFC 6797), for a year. */
const strictTransport = { header: { key: "Strict-Transport-Security", value: "max-age=31536000; includeSubDomains" } };

/** Requests for one pattern of hosts. */
export function gatewayVirtualHost(side: RoutedHost, { hostname, entries }: HostRoutes): VirtualHost {
  const routes = entries.map((entry) => gatewayRoute(side, entry));
  return {
    name: hostname,
    domains: [hostname],
    routes: routes.length > 0 ? routes : [nothingHere],
    ...((side.port.protocol === "HTTPS" || side.peers) && { requireTls: "ALL", responseHeadersToAdd: [strictTransport] }),
  };
}

/** What RDS serves for a listener. */
export function gatewayRouteConfiguration(name: string, hosts: readonly VirtualHost[]): RouteConfiguration {
  const { virtualHosts: _, ...fields } = outboundRouteConfiguration({ name, virtualHost: "*", routes: [] });
  return {
    ...fields,
    virtualHosts: hosts.map((host) => ({ ...host, retryPolicy: baseRetries })),
    ignorePortInHostMatching: true,
  };
}

const baseRetries = outboundRouteConfiguration({ name: "", virtualHost: "", routes: [] }).virtualHosts[0]?.retryPolicy ?? {};

/**
 * One route. Policies about destinations shape it as those of its first destination: a request has one timeout, wherever it goes
 * then.
 */
function gatewayRoute(side: RoutedHost, entry: RouteEntry): Route {
  const { policies = [] } = entry;
  const [first] = entry.destinations;
  const primary = first && side.destinations.get(tagsText(first.tags));
  const written = entry.destinations.length === 0 ? redirectRoute(side, entry) : forwardingRoute(side, entry);
  const routed = primary ? withHostPolicies(shapeRoute(written, primary.effects, primary.target, policies), primary) : written;
  return shapeListenerRoute(routed, side.effects, side.target, policies);
}

/** What a policy says of all routes to a destination stands on the virtual host of a sidecar; here others share that. */
function withHostPolicies(route: Route, { effects, target }: GatewayDestination): Route {
  const configuration = { name: "", virtualHosts: [{ name: "", domains: ["*"], routes: [route] }] };
  const [host] = shapeRouteConfiguration(configuration, effects, target).virtualHosts;
  const shaped = host?.routes[0] ?? route;
  if (!host?.retryPolicy || !shaped.route || shaped.route["retryPolicy"]) return shaped;
  return { ...shaped, route: { ...shaped.route, retryPolicy: host.retryPolicy } };
}

const wellKnownPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** Without a port of its own a redirect leads to that of its scheme, else to that of the listener (Gateway API, HTTPRequestRedirectFilter). */
function redirectRoute({ port }: RoutedHost, { route }: RouteEntry): Route {
  const { redirect, ...fields } = route as Route & { readonly redirect?: Readonly<Record<string, unknown>> };
  const portRedirect = wellKnownPorts[String(redirect?.["schemeRedirect"] ?? "")] ?? port.port;
  return { ...fields, redirect: { portRedirect, stripQuery: true, ...redirect } };
}

/** Envoy's own timeout, 15 s, holds unless a policy says otherwise: whoever waits is a stranger. */
function forwardingRoute(side: RoutedHost, { route, destinations, mirrors = [] }: RouteEntry): Route {
  const { timeout: _, ...action } = (route as Route).route ?? {};
  const copies = mirrors.map(({ tags, runtimeFraction }) => ({
    cluster: clusterOf(side, tags),
    ...(runtimeFraction && { runtimeFraction }),
  }));
  const clusters = destinations.map(({ tags, weight }) => ({
    name: clusterOf(side, tags),
    weight,
    ...(leavesMesh(side, tags) ? withoutTags : withTags(side)),
  }));
  return {
    ...(route as Route),
    route: {
      clusterNotFoundResponseCode: "INTERNAL_SERVER_ERROR",
      idleTimeout: "5s",
      ...action,
      weightedClusters: { clusters },
      ...(copies.length > 0 && { requestMirrorPolicies: copies }),
    },
  };
}

/** What a client says of tags counts for nothing: servers know the gateway by its own. */
function withTags({ proxy }: RoutedHost): object {
  return { requestHeadersToAdd: [{ ...sourceTagsHeader(proxy.tagSets), appendAction: "OVERWRITE_IF_EXISTS_OR_ADD" }] };
}

/**
 * Beside the clusters, not at the whole route config: Envoy takes away what is removed there after it has added what clusters add (the peer
 * has it there, so that its servers never see the tags of a gateway).
 */
const withoutTags = { requestHeadersToRemove: ["x-kuma-tags"] };

function clusterOf({ destinations }: RoutedHost, tags: Readonly<Record<string, string>>): string {
  return destinations.get(tagsText(tags))?.clusterName ?? "";
}

/** From here, without a zone egress that would read the tags first. */
function leavesMesh({ context, mesh }: RoutedHost, tags: Readonly<Record<string, string>>): boolean {
  return !mesh.leavesByEgress && context.view.externalEndpoints(mesh.name, tags[tagNames.service] ?? "").length > 0;
}
