import { type EncodedResource, typeUrls } from "@meridian/envoy";
import { type Tags, tagNames } from "@meridian/model";
import {
  extraClusters,
  having,
  notesOf,
  type OutboundEffect,
  type OutboundTarget,
  originsOf,
  outboundEffects,
  type Protocol,
  type ProxySubject,
  type RoutePlan,
} from "@meridian/policies";
import type { EndpointsRef, GenerationContext, PartResources } from "../parts.ts";
import type { MeshFacts } from "../view/mesh-facts.ts";
import { commonProtocol, isHttp } from "../view/protocol.ts";
import { tagsText } from "../view/tags.ts";
import { destination } from "./destination.ts";
import { closeConnections, outboundChain } from "./outbound-chain.ts";
import { outboundPlan } from "./plans.ts";
import { type RoutedOutbound, routeConfiguration } from "./route-configuration.ts";
import { worldOf } from "./world.ts";

export interface OutboundOptions {
  readonly subject: ProxySubject;
  /** Of the outbound, with its service. */
  readonly tags: Tags;
  readonly service: string;
  /** Unique in the proxy. */
  readonly routeConfigName: string;
  readonly ipv6Enabled: boolean;
}

/** Everything for one outbound but the place where it listens: routes, the clusters they lead to, the endpoints these need. */
export function outboundResources(context: GenerationContext, options: OutboundOptions): PartResources {
  const { subject, tags, service } = options;
  const { view } = context;
  const mesh = view.mesh(subject.mesh);
  if (!mesh) return { resources: [], endpoints: [] };
  const plan = outboundPlan(view, subject, { tags, service });
  // The mesh has TrafficRoutes but none fits: connections are closed (reference: resources-legacy.md 0.4).
  if (plan === "cut") return { resources: [], endpoints: [], listener: closeConnections };
  const side: OutboundSide = { context, mesh, subject, plan };
  const target = targetOf(side, tags, plan.protocol ?? planProtocol(context, mesh.name, plan));
  const routed: RoutedOutbound = { plan, target, effects: effectsOn(side, target) };
  const { clusters, endpoints } = destinations(side);
  const notes = notesOf(routed.effects);
  return {
    resources: [
      ...(isHttp(target.protocol) ? [routeConfiguration(context, options, routed)] : []),
      ...clusters,
      ...neededClusters(context, routed),
    ],
    endpoints,
    listener: outboundChain(options, routed),
    ...(notes.length > 0 && { notes }),
  };
}

/** What the pieces of one outbound have in common. */
interface OutboundSide {
  readonly context: GenerationContext;
  readonly mesh: MeshFacts;
  readonly subject: ProxySubject;
  readonly plan: RoutePlan;
}

function targetOf({ context, mesh }: OutboundSide, tags: Tags, protocol: Protocol): OutboundTarget {
  return { mesh: mesh.name, zone: context.view.zone, service: tags[tagNames.service] ?? "", tags, protocol };
}

/** What policies want of traffic to one destination, whichever outbound leads there. */
function effectsOn({ context, mesh, subject, plan }: OutboundSide, target: OutboundTarget): readonly OutboundEffect[] {
  const { service, tags, protocol } = target;
  const routes = [...new Set(plan.entries.flatMap(({ policies = [] }) => policies))];
  return outboundEffects(
    { subject, outbound: { tags, service, protocol }, routes, world: worldOf(context, mesh) },
    context.view.outboundPolicies(mesh.name, service),
  );
}

/**
 * What all destinations of the routes have in common (reference: resources-legacy.md 0.6). Destinations that nobody has yet do
 * not count: adding one to a split must not turn HTTP into TCP.
 */
function planProtocol({ view }: GenerationContext, mesh: string, plan: RoutePlan): Protocol {
  const services = new Set(planDestinations(plan).map((tags) => tags[tagNames.service] ?? ""));
  const known = [...services].map((service) => view.protocol(mesh, service)).filter((protocol) => protocol !== undefined);
  return commonProtocol(known) ?? "unknown";
}

function planDestinations(plan: RoutePlan): readonly Tags[] {
  return plan.entries.flatMap((entry) => [...entry.destinations, ...(entry.mirrors ?? [])].map(({ tags }) => tags));
}

/** Each distinct tag set once, in the order of the routes; then those that get no traffic for now. */
function destinations(side: OutboundSide) {
  const { context, mesh, plan } = side;
  const clusters: EncodedResource[] = [];
  const endpoints: EndpointsRef[] = [];
  const seen = new Set<string>();
  for (const tags of [...planDestinations(plan), ...(plan.idle ?? [])]) {
    const text = tagsText(tags);
    if (seen.has(text)) continue;
    seen.add(text);
    const protocol = context.view.protocol(mesh.name, tags[tagNames.service] ?? "") ?? "unknown";
    const target = targetOf(side, tags, protocol);
    const effects = effectsOn(side, target);
    const built = destination(context, { target, overlay: plan.cluster, origins: plan.origins, effects, client: side.subject });
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
