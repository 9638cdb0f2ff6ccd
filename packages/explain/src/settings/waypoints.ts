import { inboundListenerName, localClusterName, typeUrls } from "@meridian/envoy";
import type { Json } from "../envoy/json.ts";
import { type Arrival, chooseChain, httpManager } from "../envoy/listeners.ts";
import type { ClientIdentity } from "../envoy/rbac.ts";
import { chooseRoute, type RouteChoice } from "../envoy/route-match.ts";
import type { ExplainRequest } from "../types.ts";
import type { Inbound } from "../walk/client.ts";
import { arrivalAt } from "../walk/gateway.ts";
import { routeConfigurationOf, routedRequest } from "../walk/http-routing.ts";
import { listenerNameOf, type Outbound } from "../walk/outbounds.ts";
import type { ProxyView } from "../worlds/proxy-view.ts";
import { filtersMet, headersAdded } from "./filters-met.ts";
import { type Leaves, leavesOf } from "./leaves.ts";

/** What shapes one request at one proxy: part of its config → values. A part that does not exist is absent. */
export type Waypoints = ReadonlyMap<string, Leaves>;

export interface Stretch {
  readonly waypoints: Waypoints;
  /** `keyText` of the policies behind them. */
  readonly policies: readonly string[];
}

export interface ClientStretchOptions {
  readonly outbound: Outbound;
  readonly cluster: string;
  readonly request: ExplainRequest;
}

export function clientStretch(view: ProxyView, { outbound, cluster, request }: ClientStretchOptions): Stretch {
  const listener = listenerNameOf(outbound);
  const entry = entryOf(view, listener, incomingTo(view, outbound, request));
  return {
    waypoints: new Map([
      ...named("client's listener", entry.listener),
      ...named("route", entry.route),
      ...named("cluster", view.json(typeUrls.cluster, cluster)),
    ]),
    policies: [...view.origins(typeUrls.listener, listener), ...entry.origins, ...view.origins(typeUrls.cluster, cluster)],
  };
}

/** The request as the client's proxy sends it on: servers know clients by headers, too. */
export function requestSent(view: ProxyView, outbound: Outbound, request: ExplainRequest): ExplainRequest {
  const entry = entryOf(view, listenerNameOf(outbound), incomingTo(view, outbound, request));
  return { ...request, headers: { ...request.headers, ...entry.headers } };
}

function incomingTo(view: ProxyView, outbound: Outbound, request: ExplainRequest): Incoming {
  const listener = view.json(typeUrls.listener, listenerNameOf(outbound)) ?? {};
  return { arrival: arrivalAt(listener, outbound, request), client: { uris: [] }, request };
}

export interface ServerStretchOptions {
  readonly inbound: Inbound;
  readonly arrival: Arrival;
  readonly client: ClientIdentity;
  readonly request: ExplainRequest;
}

export function serverStretch(view: ProxyView, { inbound, ...incoming }: ServerStretchOptions): Stretch {
  const listener = inboundListenerName(inbound.address, inbound.port);
  const entry = entryOf(view, listener, incoming);
  const cluster = localClusterName(inbound.workloadPort);
  return {
    waypoints: new Map([
      ...named("server's listener", entry.listener),
      ...named("server's route", entry.route),
      ...named("server's cluster", view.json(typeUrls.cluster, cluster)),
    ]),
    policies: [...view.origins(typeUrls.listener, listener), ...view.origins(typeUrls.cluster, cluster)],
  };
}

type Incoming = Omit<ServerStretchOptions, "inbound">;

/** A listener with the one chain that takes the connection, and the one route that takes the request with what holds around it. */
function entryOf(view: ProxyView, name: string, { arrival, client, request }: Incoming) {
  const listener = view.json(typeUrls.listener, name);
  const chain = listener && chooseChain(listener, arrival);
  const manager = chain && httpManager(chain);
  const { configuration, origins } = manager ? routeConfigurationOf(view, manager) : { origins: [] };
  const routed = manager && routedRequest(manager, request);
  const choice: RouteChoice | undefined = routed && configuration && chooseRoute(configuration, routed);
  return {
    listener: listener && { ...listener, ...(routed && chain ? filtersMet(chain, { request: routed, client }) : chain) },
    // The route's own fields win over those of its virtual host, as in Envoy.
    route: choice && { ...configuration, ...choice.virtualHost, ...choice.route },
    headers: headersAdded(configuration, choice?.virtualHost, choice?.route),
    origins,
  };
}

function named(where: string, json: Json | undefined): readonly (readonly [string, Leaves])[] {
  return json ? [[where, leavesOf(json)]] : [];
}
