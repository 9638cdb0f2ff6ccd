import { outboundClusterName, outboundListenerName, typeUrls } from "@meridian/envoy";
import { outboundPlan } from "@meridian/generator";
import type { Tags } from "@meridian/model";
import type { ProxySubject, RoutePlan } from "@meridian/policies";
import { fieldAt, type Json, listOf } from "../envoy/json.ts";
import { chooseChain, clustersOf, httpManager, tcpProxy, type WeightedName } from "../envoy/listeners.ts";
import { chooseRoute, normalPath, type RoutedRequest } from "../envoy/route-match.ts";
import { matchText } from "../told/match.ts";
import { listText } from "../told/words.ts";
import type { ExplainedRoute, ExplainRequest, Obstacle } from "../types.ts";
import type { Worlds } from "../worlds/worlds.ts";
import type { ProxyView } from "../worlds/zone-world.ts";
import { type Client, configOfClient, type Outbound } from "./client.ts";

/** What Envoy does with the request behind the outbound's listener. */
export interface Routing {
  readonly treats: "http" | "tcp" | "nothing";
  /** Of the plan behind it. */
  readonly policies: readonly string[];
  /** Only of HTTP. */
  readonly route?: ExplainedRoute;
  /** Routes that may take the request before it, in words. */
  readonly uncertain: readonly string[];
  readonly targets: readonly Target[];
  /** The proxy answers by itself. */
  readonly answer?: { readonly text: string; readonly status: number };
  readonly obstacle?: { readonly reason: Obstacle; readonly text: string; readonly status?: number };
}

export interface Target extends WeightedName {
  readonly tags: Tags;
}

export function routingOf(worlds: Worlds, client: Client & { readonly outbound: Outbound }, request: ExplainRequest): Routing {
  const routing = routingInZone(client, request);
  const ownNames = (policies: readonly string[]): readonly string[] => policies.map((key) => worlds.ownName(key));
  const { policies, route } = routing;
  return { ...routing, policies: ownNames(policies), ...(route && { route: { ...route, policies: ownNames(route.policies) } }) };
}

function routingInZone(client: Client & { readonly outbound: Outbound }, request: ExplainRequest): Routing {
  const { outbound } = client;
  const { view: facts } = client.world;
  const { tags, service } = outbound;
  const subject = { tags, service, protocol: facts.protocol(client.placed.resource.mesh, service) ?? "unknown" } as const;
  const plan = outboundPlan(facts, subjectOf(client), subject);
  const view = configOfClient(client);
  const policies = plan === "cut" ? [] : plan.origins;
  const nowhere = { treats: "nothing", policies, uncertain: [], targets: [] } as const;
  const name = outboundListenerName(outbound.address, outbound.port);
  const listener = view.json(typeUrls.listener, name);
  if (!listener)
    return { ...nowhere, obstacle: { reason: "no-listener", text: `Envoy gets no listener ${name}: a policy removes it` } };
  const chain = chooseChain(listener, {});
  if (!chain || listOf(chain["filters"]).length === 0) {
    const why = plan === "cut" ? `the mesh has TrafficRoutes and none fits ${outbound.service}` : "its routes lead nowhere";
    return { ...nowhere, obstacle: { reason: "cut", text: `the outbound closes every connection: ${why}` } };
  }
  const manager = httpManager(chain);
  if (manager) return httpRouting({ view, plan, manager }, request);
  const targets = named(clustersOf(tcpProxy(chain)), plan);
  if (targets.length > 0) return { treats: "tcp", policies, uncertain: [], targets };
  return { ...nowhere, obstacle: { reason: "cut", text: "the listener of the outbound forwards nothing" } };
}

interface HttpOutbound {
  readonly view: ProxyView;
  readonly plan: RoutePlan | "cut";
  readonly manager: Json;
}

function httpRouting({ view, plan, manager }: HttpOutbound, request: ExplainRequest): Routing {
  const { configuration, origins } = routeConfigurationOf(view, manager);
  const base = { treats: "http", uncertain: [], targets: [] } as const;
  const policies = plan === "cut" ? origins : plan.origins;
  const choice = configuration && chooseRoute(configuration, routedRequest(manager, request));
  if (!choice) {
    const text = `none of its routes takes ${request.method} ${request.path}`;
    return { ...base, policies, obstacle: { reason: "no-route", text, status: 404 } };
  }
  const { route: envoy, virtualHost, index, uncertain } = choice;
  const entry = plan === "cut" ? undefined : plan.entries[index];
  const route: ExplainedRoute = {
    match: matchText(envoy["match"]).trim(),
    place: index + 1,
    of: listOf(virtualHost["routes"]).length,
    policies: entry?.policies ?? policies,
    envoy,
  };
  const found = { ...base, policies, route, uncertain: uncertain.map(({ match }) => matchText(match).trim() || "every request") };
  const answer = answerOf(envoy);
  if (answer) return { ...found, answer };
  const targets = named(clustersOf(envoy["route"] as Json | undefined), plan);
  if (targets.length > 0) return { ...found, targets };
  return { ...found, obstacle: { reason: "undecided", text: "the cluster is chosen by something that is not known here" } };
}

/** Inline, or by RDS. */
export function routeConfigurationOf(view: ProxyView, manager: Json): { configuration?: Json; origins: readonly string[] } {
  const inline = manager["routeConfig"] as Json | undefined;
  if (inline) return { configuration: inline, origins: [] };
  const name = String(fieldAt(manager, "rds", "routeConfigName"));
  const configuration = view.json(typeUrls.route, name);
  return { ...(configuration && { configuration }), origins: view.origins(typeUrls.route, name) };
}

/** `:authority` is what the client calls its outbound, unless it says otherwise. */
export function routedRequest(manager: Json, { method, path, headers, to }: ExplainRequest): RoutedRequest {
  const { host, ":authority": authority = host ?? to, ...others } = headers;
  return { method, path: normalPath(manager, path), authority, headers: new Map(Object.entries(others)) };
}

function answerOf({ redirect, directResponse }: Json): Routing["answer"] {
  if (directResponse) {
    const status = Number(fieldAt(directResponse, "status") ?? 200);
    return { status, text: `the client's proxy answers ${status} by itself` };
  }
  if (!redirect) return undefined;
  const {
    responseCode = "MOVED_PERMANENTLY",
    schemeRedirect,
    hostRedirect,
    portRedirect,
    pathRedirect,
    prefixRewrite,
  } = redirect as Json;
  const status = redirectCodes[String(responseCode)] ?? 301;
  const parts = [
    ...(schemeRedirect ? [`scheme ${String(schemeRedirect)}`] : []),
    ...(hostRedirect ? [`host ${String(hostRedirect)}`] : []),
    ...(portRedirect ? [`port ${String(portRedirect)}`] : []),
    ...(pathRedirect || prefixRewrite ? [`path ${String(pathRedirect ?? prefixRewrite)}`] : []),
  ];
  return { status, text: `the client's proxy redirects with ${status}${parts.length > 0 ? ` to ${listText(parts)}` : ""}` };
}

/** RedirectAction.RedirectResponseCode. */
const redirectCodes: Readonly<Record<string, number>> = {
  MOVED_PERMANENTLY: 301,
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
};

/** Clusters with the tags that they stand for; a cluster that a policy of Envoy's own terms names has none. */
function named(clusters: readonly WeightedName[], plan: RoutePlan | "cut"): readonly Target[] {
  const tagSets = plan === "cut" ? [] : plan.entries.flatMap(({ destinations }) => destinations.map(({ tags }) => tags));
  const byName = new Map(tagSets.map((tags) => [outboundClusterName(tags), tags]));
  return clusters.map((cluster) => ({ ...cluster, tags: byName.get(cluster.cluster) ?? {} }));
}

export function subjectOf({ world, facts, placed }: Pick<Client, "world" | "facts" | "placed">): ProxySubject {
  const { name, labels, tagSets } = facts;
  return { mesh: placed.resource.mesh, name, zone: world.zone, labels, tagSets };
}
