import { typeUrls } from "@meridian/envoy";
import { type ResourceKey, tagNames } from "@meridian/model";
import { type ClusterEndpoint, clusterEndpoints } from "../envoy/endpoints.ts";
import { fieldAt, type Json, listOf } from "../envoy/json.ts";
import { type Arrival, chooseChain, clustersOf, httpManager, tcpProxy } from "../envoy/listeners.ts";
import { chooseRoute } from "../envoy/route-match.ts";
import type { ExplainRequest, Obstacle } from "../types.ts";
import type { ProxyView } from "../worlds/proxy-view.ts";
import type { ZoneProxy, ZoneWorld } from "../worlds/zone-world.ts";
import { routeConfigurationOf, routedRequest } from "./http-routing.ts";

/** A cluster in the config of a proxy: one step on the way. */
export interface Hop {
  /** Of the proxy. */
  readonly world: ZoneWorld;
  readonly view: ProxyView;
  readonly cluster: Json;
  /** Tags of the endpoints that are meant; absent: all. */
  readonly subset?: Json;
}

/** What a zone proxy does with a connection. */
export interface Passage {
  /** As its own zone has it. */
  readonly proxy: ResourceKey;
  readonly hop: Hop;
  readonly chain: Json;
}

export interface Obstruction {
  readonly obstacle: Obstacle;
  readonly why: string;
}

/** Endpoints that stand in the cluster itself are outside of the mesh. */
export function leavesMesh({ cluster }: Hop): boolean {
  return cluster["loadAssignment"] !== undefined;
}

export function hopEndpoints({ view, cluster, subset }: Hop): readonly ClusterEndpoint[] {
  const name = String(fieldAt(cluster, "edsClusterConfig", "serviceName") || cluster["name"]);
  const assignment = (cluster["loadAssignment"] ?? view.json(typeUrls.endpoint, name) ?? {}) as Json;
  return clusterEndpoints(subset ? withinSubset(assignment, subset) : assignment, cluster);
}

/** What Envoy's subset load balancer leaves of an assignment. */
function withinSubset(assignment: Json, wanted: Json): Json {
  const fits = (endpoint: Json): boolean => {
    const tags = (fieldAt(endpoint, "metadata", "filterMetadata", "envoy.lb") ?? {}) as Json;
    return Object.entries(wanted).every(([tag, value]) => tag === tagNames.service || tags[tag] === value);
  };
  const endpoints = listOf(assignment["endpoints"]).map((locality) => ({
    ...locality,
    lbEndpoints: listOf(locality["lbEndpoints"]).filter(fits),
  }));
  return { ...assignment, endpoints };
}

/** Whom a zone proxy hands a connection over to: it looks at the server name only, unless TLS ends there. */
export function passThrough(
  world: ZoneWorld,
  { kind, resource }: ZoneProxy,
  { arrival, request }: { readonly arrival: Arrival; readonly request: ExplainRequest },
): Passage | Obstruction {
  const named = kind === "ingress" ? `the ingress of zone ${world.zone}` : `the egress of zone ${world.zone}`;
  const own = world.zoneProxyAt(addressOf(kind, resource));
  if (!own) return { obstacle: "no-ingress", why: `zone ${world.zone} does not know its ingress ${resource.name}` };
  const view = world.config(own.resource);
  const chain = chainAt(view, arrival);
  const found = chain && clusterBehind(view, chain, request);
  const cluster = found && view.json(typeUrls.cluster, found.name);
  if (cluster)
    return { proxy: own.resource, chain, hop: { world, view, cluster, ...(found.subset && { subset: found.subset }) } };
  return { obstacle: "no-ingress", why: `${named} has nobody for the server name ${arrival.tls?.sni ?? "(none)"}` };
}

function addressOf(kind: ZoneProxy["kind"], resource: ZoneProxy["resource"]): string {
  const { networking } = resource.spec as { readonly networking: Readonly<Record<string, unknown>> };
  if (kind === "egress") return `${String(networking["address"])}:${String(networking["port"])}`;
  return `${String(networking["advertisedAddress"])}:${String(networking["advertisedPort"])}`;
}

/** A zone proxy has one listener for connections of the mesh. */
function chainAt(view: ProxyView, arrival: Arrival): Json | undefined {
  const [listener] = view.list(typeUrls.listener).filter(({ trafficDirection }) => trafficDirection === "INBOUND");
  return listener && chooseChain(listener, arrival);
}

function clusterBehind(view: ProxyView, chain: Json, request: ExplainRequest): { name: string; subset?: Json } | undefined {
  const manager = httpManager(chain);
  const { configuration } = manager ? routeConfigurationOf(view, manager) : {};
  const choice = manager && configuration && chooseRoute(configuration, routedRequest(manager, request));
  const action = manager ? (choice?.route["route"] as Json | undefined) : tcpProxy(chain);
  const [target] = clustersOf(action);
  const subset = fieldAt(action, "metadataMatch", "filterMetadata", "envoy.lb") as Json | undefined;
  return target && { name: target.cluster, ...(subset && { subset }) };
}
