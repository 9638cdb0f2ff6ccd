import { type EncodedResource, typeUrls } from "@meridian/envoy";
import { tagNames } from "@meridian/model";
import {
  extraClusters,
  having,
  notesOf,
  type OutboundEffect,
  type OutboundSubject,
  type OutboundTarget,
  originsOf,
  outboundEffects,
  type Protocol,
  type ProxySubject,
  type RouteDestination,
  type RoutePlan,
} from "@meridian/policies";
import { serviceKri } from "@meridian/services";
import type { EndpointsRef, GenerationContext, PartResources } from "../parts.ts";
import type { MeshFacts } from "../view/mesh-facts.ts";
import { commonProtocol, isHttp } from "../view/protocol.ts";
import { tagsText } from "../view/tags.ts";
import { destination } from "./destination.ts";
import {
  destinationNames,
  destinationSubject,
  knownProtocol,
  type OutboundGoal,
  outboundSubject,
} from "./destination-subject.ts";
import { closeConnections, outboundChain } from "./outbound-chain.ts";
import { planOf } from "./plans.ts";
import type { ShownIdentity } from "./proxy-tls.ts";
import { routeConfiguration } from "./route-configuration.ts";
import type { OutboundNames, RoutedOutbound } from "./routed-outbound.ts";
import { worldOf } from "./world.ts";

export interface OutboundOptions {
  readonly subject: ProxySubject;
  readonly to: OutboundGoal;
  /** Unique in the proxy; a real service has its own. */
  readonly routeConfigName: string;
  readonly ipv6Enabled: boolean;
  /** What the proxy shows; absent: a certificate of the mesh's CA. */
  readonly shown?: ShownIdentity;
}

/** Everything for one outbound but the place where it listens: routes, the clusters they lead to, the endpoints these need. */
export function outboundResources(context: GenerationContext, options: OutboundOptions): PartResources {
  const { subject, to } = options;
  const { view } = context;
  const mesh = view.mesh(subject.mesh);
  const outbound = outboundSubject(view, subject.mesh, to);
  if (!mesh || !outbound) return { resources: [], endpoints: [] };
  const plan = planOf(view, subject, outbound);
  // The mesh has TrafficRoutes but none fits: connections are closed (reference: resources-legacy.md 0.4).
  if (plan === "cut") return { resources: [], endpoints: [], listener: closeConnections };
  const side: OutboundSide = { context, mesh, subject, plan, ...(options.shown && { shown: options.shown }) };
  const protocol = plan.protocol ?? outboundProtocol(side, outbound);
  const target = targetOf(side, outbound, protocol ?? "unknown");
  const routed: RoutedOutbound = { plan, target, effects: effectsOn(side, { ...outbound, protocol: target.protocol }) };
  const { clusters, endpoints } = destinations(side);
  const notes = [...(plan.notes ?? []), ...notesOf(routed.effects)];
  const names = namesOf(outbound, options);
  return {
    resources: [
      ...(isHttp(target.protocol) ? [routeConfiguration(context, { ...names, subject }, routed)] : []),
      ...clusters,
      ...neededClusters(context, routed),
    ],
    endpoints,
    listener: outboundChain({ ...names, ipv6Enabled: options.ipv6Enabled, isOffered: protocol !== undefined }, routed),
    ...(notes.length > 0 && { notes }),
  };
}

/** What the pieces of one outbound have in common. */
interface OutboundSide {
  readonly context: GenerationContext;
  readonly mesh: MeshFacts;
  readonly subject: ProxySubject;
  readonly plan: RoutePlan;
  readonly shown?: ShownIdentity;
}

/** Outbounds that lead to one real service have equal routes, so they share the name, and whoever is asked knows it by its KRI. */
function namesOf({ resource, port, tags }: OutboundSubject, { to, routeConfigName }: OutboundOptions): OutboundNames {
  if (!resource || !port) return { service: to.service, routeConfigName };
  const name = serviceKri(resource, port);
  return {
    service: tags[tagNames.service] ?? "",
    routeConfigName: name,
    listenerTags: { "kuma.io/unified-name": name },
  };
}

type Named = Pick<OutboundSubject, "tags" | "service">;

function targetOf({ context, mesh }: OutboundSide, { tags, service }: Named, protocol: Protocol): OutboundTarget {
  return { mesh: mesh.name, zone: context.view.zone, service, tags, protocol };
}

/** What policies want of traffic to one destination, whichever outbound leads there. */
function effectsOn({ context, mesh, subject, plan }: OutboundSide, outbound: OutboundSubject): readonly OutboundEffect[] {
  const routes = [...new Set(plan.entries.flatMap(({ policies = [] }) => policies))];
  return outboundEffects(
    { subject, outbound, routes, world: worldOf(context, mesh) },
    context.view.outboundPolicies(mesh.name, ...destinationNames(outbound)),
  );
}

/** A real service says what it speaks, wherever its routes lead. */
function outboundProtocol({ context, mesh, plan }: OutboundSide, { resource, protocol }: OutboundSubject): Protocol | undefined {
  return resource ? protocol : planProtocol(context, mesh.name, plan);
}

/**
 * What all destinations of the routes have in common (reference: resources-legacy.md 0.6). Destinations that nobody has yet do
 * not count: adding one to a split must not turn HTTP into TCP. Undefined: nobody has any of them.
 */
function planProtocol({ view }: GenerationContext, mesh: string, plan: RoutePlan): Protocol | undefined {
  const known = planDestinations(plan).flatMap((destination) => {
    if (destination.backend) return [destinationSubject(view, mesh, destination).protocol];
    return knownProtocol(view, mesh, destination.tags) ?? [];
  });
  return commonProtocol(known);
}

function planDestinations(plan: RoutePlan): readonly RouteDestination[] {
  return plan.entries.flatMap((entry) => [...entry.destinations, ...(entry.mirrors ?? [])]);
}

/** Each distinct destination once, in the order of the routes; then those that get no traffic for now. */
function destinations(side: OutboundSide) {
  const { context, mesh, plan, shown } = side;
  const clusters: EncodedResource[] = [];
  const endpoints: EndpointsRef[] = [];
  const seen = new Set<string>();
  for (const to of [...planDestinations(plan), ...(plan.idle ?? [])]) {
    const text = tagsText(to.tags);
    if (seen.has(text)) continue;
    seen.add(text);
    const outbound = destinationSubject(context.view, mesh.name, to);
    const target = targetOf(side, outbound, outbound.protocol);
    const effects = effectsOn(side, outbound);
    const built = destination(context, {
      to,
      target,
      overlay: plan.cluster,
      origins: plan.origins,
      effects,
      client: side.subject,
      ...(shown && { shown }),
    });
    if (built.cluster) clusters.push(built.cluster);
    if (built.endpoints) endpoints.push(built.endpoints);
  }
  return { clusters, endpoints };
}

/** Clusters of collectors and the like. */
function neededClusters({ encoder }: GenerationContext, { effects, target }: RoutedOutbound): readonly EncodedResource[] {
  const asking = having(effects, "extraClusters");
  const origins = originsOf(asking);
  return extraClusters(asking, target).map((cluster) =>
    encoder.share({ typeUrl: typeUrls.cluster, inputs: ["extra", cluster], origins, build: () => cluster }),
  );
}
