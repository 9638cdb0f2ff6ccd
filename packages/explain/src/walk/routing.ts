import { typeUrls } from "@meridian/envoy";
import { nobodyOffersIt, outboundPlan } from "@meridian/generator";
import type { ProxySubject } from "@meridian/policies";
import { fractionText } from "../envoy/fraction.ts";
import { fieldAt, type Json, listOf } from "../envoy/json.ts";
import { chooseChain, clustersOf, httpManager, tcpProxy, type WeightedName } from "../envoy/listeners.ts";
import type { ExplainedRoute, ExplainRequest } from "../types.ts";
import { type Client, configOfClient } from "./client.ts";
import { arrivalAt } from "./gateway.ts";
import { httpRouting } from "./http-routing.ts";
import { otherMeshOf, plannedClusters } from "./other-mesh.ts";
import { listenerNameOf, type Outbound } from "./outbounds.ts";
import type { BareRouting, RoutedOutbound, Routing } from "./routed.ts";
import { targetsOf } from "./targets.ts";

/** Names of policies are those of whoever explains. */
export function routingOf(client: Client, outbound: Outbound, request: ExplainRequest): Routing {
  const { world } = client;
  const plan = outbound.listener === undefined ? outboundPlan(world.view, subjectOf(client), outbound) : "cut";
  const routed: RoutedOutbound = { client, outbound, plan };
  const routing = routingInZone(routed, request);
  const { policies, route } = routing;
  return {
    ...routing,
    policies: world.ownNames(policies),
    notes: [
      ...(route ? copiesText(routed, route) : []),
      ...(plan === "cut" ? [] : (plan.notes ?? []).map(({ message }) => message)),
    ],
    ...(route && { route: { ...route, policies: world.ownNames(route.policies) } }),
  };
}

function routingInZone(routed: RoutedOutbound, request: ExplainRequest): BareRouting {
  const { client, outbound, plan } = routed;
  const view = configOfClient(client);
  const policies = plan === "cut" ? [] : plan.origins;
  const nowhere = { treats: "nothing", policies, uncertain: [], targets: [] } as const;
  const name = listenerNameOf(outbound);
  const listener = view.json(typeUrls.listener, name);
  if (!listener) return { ...nowhere, obstacle: { reason: "no-listener", text: noListenerText(routed, name) } };
  const chain = chooseChain(listener, arrivalAt(listener, outbound, request));
  if (!chain || listOf(chain["filters"]).length === 0) {
    return { ...nowhere, obstacle: { reason: "cut", text: `the outbound closes every connection: ${cutText(routed)}` } };
  }
  if (plan !== "cut" && otherMeshOf(client, outbound.tags) !== undefined) {
    return { treats: "http", policies, uncertain: [], targets: targetsOf(client.world, routed, plannedClusters(routed)) };
  }
  const manager = httpManager(chain);
  if (manager) return httpRouting(routed, manager, request);
  const targets = targetsOf(client.world, routed, tcpClusters(routed, chain));
  if (targets.length > 0) return { treats: "tcp", policies, uncertain: [], targets };
  return { ...nowhere, obstacle: { reason: "cut", text: "the listener of the outbound forwards nothing" } };
}

/** Of a service that nobody offers, Envoy knows no cluster: its destinations are told as they would be. */
function tcpClusters(routed: RoutedOutbound, chain: Json): readonly WeightedName[] {
  const clusters = clustersOf(tcpProxy(chain));
  return clusters[0]?.cluster === nobodyOffersIt ? plannedClusters(routed) : clusters;
}

/** `requestMirrorPolicies` in words. */
function copiesText(routed: RoutedOutbound, { envoy }: ExplainedRoute): readonly string[] {
  return listOf(fieldAt(envoy, "route", "requestMirrorPolicies")).map(({ cluster, runtimeFraction }) => {
    const [target] = targetsOf(routed.client.world, routed, [{ cluster: String(cluster), share: 1 }]);
    const fraction = fieldAt(runtimeFraction, "defaultValue");
    const share = fraction === undefined ? "each request" : `${fractionText(fraction)} of the requests`;
    return `a copy of ${share} goes to ${target?.name ?? String(cluster)}`;
  });
}

function noListenerText({ outbound: { backend, name }, plan }: RoutedOutbound, listener: string): string {
  if (backend && plan === "cut") return `there is no ${name}, which its outbound names`;
  return `Envoy gets no listener ${listener}: a policy removes it`;
}

function cutText({ outbound: { backend, name, listener }, plan }: RoutedOutbound): string {
  if (listener !== undefined) return "no chain of its listener takes this";
  if (plan !== "cut") return "its routes lead nowhere";
  return backend ? `there is no ${name}, which it names` : `the mesh has TrafficRoutes and none fits ${name}`;
}

export function subjectOf({ world, facts, placed }: Pick<Client, "world" | "facts" | "placed">): ProxySubject {
  const { name, labels, tagSets } = facts;
  return { mesh: placed.resource.mesh, name, zone: world.zone, labels, tagSets };
}
