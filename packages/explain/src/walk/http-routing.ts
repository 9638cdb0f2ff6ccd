import { typeUrls } from "@meridian/envoy";
import { fieldAt, type Json, listOf } from "../envoy/json.ts";
import { clustersOf } from "../envoy/listeners.ts";
import { chooseRoute, normalPath, type RouteChoice, type RoutedRequest } from "../envoy/route-match.ts";
import { answerOf } from "../told/answer.ts";
import { matchText } from "../told/match.ts";
import type { ExplainedRoute, ExplainRequest } from "../types.ts";
import type { ProxyView } from "../worlds/proxy-view.ts";
import { configOfClient } from "./client.ts";
import type { BareRouting, RoutedOutbound } from "./routed.ts";
import { targetsOf } from "./targets.ts";

/** Which route takes a request, and where it leads. */
export function httpRouting(routed: RoutedOutbound, manager: Json, request: ExplainRequest): BareRouting {
  const { configuration, origins } = routeConfigurationOf(configOfClient(routed.client), manager);
  const policies = routed.plan === "cut" ? origins : routed.plan.origins;
  const base = { treats: "http", policies, uncertain: [], targets: [] } as const;
  const choice = configuration && chooseRoute(configuration, routedRequest(manager, request));
  if (!choice) {
    const text = `none of its routes takes ${request.method} ${barePath(request.path)}`;
    return { ...base, obstacle: { reason: "no-route", text, status: 404 } };
  }
  const uncertain = choice.uncertain.map(({ match }) => matchText(match).trim() || "every request");
  const found = { ...base, uncertain, route: toldRoute(routed, choice, policies) };
  const answer = answerOf(choice.route);
  if (answer?.isError) return { ...found, obstacle: { reason: "no-route", text: answer.text, status: answer.status } };
  if (answer) return { ...found, answer };
  const targets = targetsOf(routed.client.world, routed, clustersOf(choice.route["route"] as Json | undefined));
  if (targets.length > 0) return { ...found, targets };
  return { ...found, obstacle: { reason: "undecided", text: "the cluster is chosen by something that is not known here" } };
}

/** Routes stand in the config as they were planned, unless a policy in Envoy's own terms put others among them. */
function toldRoute(
  { plan }: RoutedOutbound,
  { route, virtualHost, index }: RouteChoice,
  policies: readonly string[],
): ExplainedRoute {
  const entry = plan === "cut" ? undefined : plan.entries[index];
  const isPlanned = entry?.route["name"] === route["name"];
  return {
    match: matchText(route["match"]).trim(),
    place: index + 1,
    of: listOf(virtualHost["routes"]).length,
    policies: (isPlanned ? entry?.policies : undefined) ?? policies,
    envoy: route,
  };
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
  const { host, ":authority": authority = host ?? to.replace(/:\d+$/, ""), ...others } = headers;
  return { method, path: normalPath(manager, path), authority, headers: new Map(Object.entries(others)) };
}

/** Without the query: that may hold a secret, and is shown nowhere. */
export function barePath(path: string): string {
  return path.split(/[?#]/)[0] ?? path;
}
