import { inboundListenerName, localClusterName, outboundListenerName, typeUrls } from "@meridian/envoy";
import type { Json } from "../envoy/json.ts";
import { type Arrival, chooseChain, httpManager } from "../envoy/listeners.ts";
import { chooseRoute } from "../envoy/route-match.ts";
import type { ExplainRequest } from "../types.ts";
import type { Inbound, Outbound } from "../walk/client.ts";
import { routeConfigurationOf, routedRequest } from "../walk/routing.ts";
import type { ProxyView } from "../worlds/zone-world.ts";
import { type Leaves, leavesOf } from "./leaves.ts";

/** What shapes one request at one proxy: part of its config → values. A part that does not exist is absent. */
export type Waypoints = ReadonlyMap<string, Leaves>;

export interface Stretch {
  readonly waypoints: Waypoints;
  /** `keyText` of the policies behind them. */
  readonly policies: readonly string[];
}

export function clientStretch(view: ProxyView, { outbound, cluster, request }: ClientStretchOptions): Stretch {
  const listener = outboundListenerName(outbound.address, outbound.port);
  const entry = entryOf(view, listener, {}, request);
  return {
    waypoints: new Map([
      ...named("client's listener", entry.listener),
      ...named("route", entry.route),
      ...named("cluster", view.json(typeUrls.cluster, cluster)),
    ]),
    policies: [...view.origins(typeUrls.listener, listener), ...entry.origins, ...view.origins(typeUrls.cluster, cluster)],
  };
}

export interface ClientStretchOptions {
  readonly outbound: Outbound;
  readonly cluster: string;
  readonly request: ExplainRequest;
}

export function serverStretch(view: ProxyView, { inbound, arrival, request }: ServerStretchOptions): Stretch {
  const listener = inboundListenerName(inbound.address, inbound.port);
  const entry = entryOf(view, listener, arrival, request);
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

export interface ServerStretchOptions {
  readonly inbound: Inbound;
  readonly arrival: Arrival;
  readonly request: ExplainRequest;
}

/** A listener with the one chain that takes the connection, and the one route that takes the request with what holds around it. */
function entryOf(view: ProxyView, name: string, arrival: Arrival, request: ExplainRequest) {
  const listener = view.json(typeUrls.listener, name);
  const chain = listener && chooseChain(listener, arrival);
  const manager = chain && httpManager(chain);
  const { configuration, origins } = manager ? routeConfigurationOf(view, manager) : { origins: [] };
  const choice = manager && configuration && chooseRoute(configuration, routedRequest(manager, request));
  return {
    listener: listener && { ...listener, ...chain },
    // The route's own fields win over those of its virtual host, as in Envoy.
    route: choice && { ...configuration, ...choice.virtualHost, ...choice.route },
    origins,
  };
}

function named(where: string, json: Json | undefined): readonly (readonly [string, Leaves])[] {
  return json ? [[where, leavesOf(json)]] : [];
}
