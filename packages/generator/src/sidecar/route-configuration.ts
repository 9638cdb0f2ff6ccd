import {
  type EncodedResource,
  outboundClusterName,
  outboundRouteConfiguration,
  type Route,
  routeToClusters,
  typeUrls,
  type WeightedCluster,
} from "@meridian/envoy";
import type { RouteEntry, RoutePlan, WeightedDestination } from "@meridian/policies";
import type { GenerationContext } from "../parts.ts";
import type { OutboundOptions } from "./outbound.ts";
import { sourceTagsHeader } from "./source-tags.ts";

/** What RDS serves for one HTTP outbound. */
export function routeConfiguration(context: GenerationContext, options: OutboundOptions, plan: RoutePlan): EncodedResource {
  const { routeConfigName, service, subject } = options;
  const headers = context.view.needsSourceTags(subject.mesh) && { requestHeadersToAdd: [sourceTagsHeader(subject.tagSets)] };
  return context.encoder.share({
    typeUrl: typeUrls.route,
    inputs: [routeConfigName, service, plan.entries, headers],
    origins: plan.origins,
    build: () => ({
      ...outboundRouteConfiguration({ name: routeConfigName, virtualHost: service, routes: plan.entries.map(routeJson) }),
      ...headers,
    }),
  });
}

export function weightedClusters(destinations: readonly WeightedDestination[]): readonly WeightedCluster[] {
  return destinations.map(({ tags, weight }) => ({ cluster: outboundClusterName(tags), weight }));
}

/** No timeout unless a policy gives one. An entry without destinations answers by itself: a redirect. */
function routeJson({ route, destinations, mirrors = [] }: RouteEntry): Route {
  const fields = route as Route;
  if (destinations.length === 0) return fields;
  const copies = mirrors.map(({ tags, runtimeFraction }) => ({
    cluster: outboundClusterName(tags),
    ...(runtimeFraction && { runtimeFraction }),
  }));
  const action = { timeout: "0s", ...fields.route, ...(copies.length > 0 && { requestMirrorPolicies: copies }) };
  return routeToClusters({ ...fields, route: action }, weightedClusters(destinations));
}
