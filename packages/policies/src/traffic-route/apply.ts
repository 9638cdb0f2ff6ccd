import { keyText, type Resource, type Tags } from "@meridian/model";
import type { OutboundPlanInput } from "../core/inputs.ts";
import { selectForService } from "../core/legacy-selection.ts";
import { isHttpFamily } from "../core/protocol.ts";
import { catchAllEntry, distinctTagSets, weightedDestinations } from "../core/route.ts";
import type { RouteEntry, RoutePlan, WeightedDestination } from "../core/types.ts";
import { httpRoute } from "./http.ts";
import { loadBalancerFields } from "./load-balancer.ts";
import type { Split, TrafficRouteSpec } from "./schema.ts";

/**
 * One TrafficRoute decides for an outbound. Where the mesh has TrafficRoutes and none fits, the outbound is cut: users rely on that
 * to keep traffic in (reference: resources-legacy.md 0.4).
 */
export function planByTrafficRoute(input: OutboundPlanInput): RoutePlan | "cut" | undefined {
  const { subject, outbound } = input;
  // They know services by tag only: a real service is routed by MeshHTTPRoute and MeshTCPRoute.
  if (outbound.resource) return undefined;
  const policy = selectForService(
    subject,
    outbound.service,
    input.policiesOf("TrafficRoute") as readonly Resource<TrafficRouteSpec>[],
  );
  if (!policy) return input.meshHasTrafficRoutes ? "cut" : undefined;
  const { conf } = policy.spec;
  const rest = catchAllEntry(resolve(conf?.split, conf?.destination, outbound.tags));
  // A connection that is not HTTP has nothing that an http[] entry could match.
  const http = isHttpFamily(outbound.protocol) ? (conf?.http ?? []) : [];
  const idle = distinctTagSets(
    [...http, conf ?? {}]
      .flatMap(({ split = [] }) => split.filter((entry) => !entry.weight && hasTags(entry.destination ?? {})))
      .map((entry) => completeTags(entry.destination ?? {}, outbound.tags)),
  ).map((tags) => ({ tags }));
  const entries = http.map(
    (route): RouteEntry => ({
      route: httpRoute(route),
      destinations: resolve(route.split, route.destination, outbound.tags),
    }),
  );
  return {
    entries: [...entries, rest].filter(({ destinations }) => destinations.length > 0),
    ...(idle.length > 0 && { idle }),
    cluster: loadBalancerFields(conf?.loadBalancer),
    origins: [keyText(policy)],
  };
}

/** Destinations of weight 0 included: the ingress has their filter chain ready before the weight goes up. */
export function trafficRouteDestinations(policy: Resource<TrafficRouteSpec>): readonly Tags[] {
  const { conf } = policy.spec;
  const branches = conf ? [conf, ...(conf.http ?? [])] : [];
  const written = branches.flatMap(({ split = [], destination }) => [
    ...split.map((entry) => entry.destination ?? {}),
    ...(destination ? [destination] : []),
  ]);
  return distinctTagSets(written.filter(hasTags).map(withoutWildcardTags));
}

function resolve(split: Split | undefined, destination: Tags | undefined, outboundTags: Tags): readonly WeightedDestination[] {
  const entries = destination && hasTags(destination) ? [{ weight: 1, destination }] : (split ?? []);
  return weightedDestinations(
    entries.map((entry) => ({
      weight: entry.weight ?? 0,
      tags: completeTags(entry.destination ?? {}, outboundTags),
    })),
  );
}

/** A wildcard is dropped first and then filled from the outbound, like every tag that the destination leaves open. */
function completeTags(destination: Tags, outboundTags: Tags): Tags {
  const exact = Object.entries(destination).filter(([, value]) => value !== "*");
  return { ...outboundTags, ...Object.fromEntries(exact) };
}

/** What is left of a destination when no outbound is known yet: `kuma.io/service: "*"` stays, it stands for every service. */
function withoutWildcardTags(destination: Tags): Tags {
  return Object.fromEntries(Object.entries(destination).filter(([key, value]) => value !== "*" || key === "kuma.io/service"));
}

function hasTags(tags: Tags): boolean {
  return Object.keys(tags).length > 0;
}
