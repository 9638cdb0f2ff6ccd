import {
  type EncodedResource,
  outboundClusterName,
  outboundRouteConfiguration,
  type Route,
  routeToClusters,
  typeUrls,
  type WeightedCluster,
} from "@meridian/envoy";
import { tagNames } from "@meridian/model";
import {
  having,
  inputsOf,
  originsOf,
  type ProxySubject,
  type RouteEntry,
  type RoutePlan,
  shapeRoute,
  shapeRouteConfiguration,
  type WeightedDestination,
} from "@meridian/policies";
import type { GenerationContext } from "../parts.ts";
import type { OutboundNames, RoutedOutbound } from "./routed-outbound.ts";
import { sourceTagsHeader } from "./source-tags.ts";

/** What RDS serves for one HTTP outbound. */
export function routeConfiguration(
  context: GenerationContext,
  { routeConfigName, service, subject }: OutboundNames & { readonly subject: ProxySubject },
  { plan, target, effects }: RoutedOutbound,
): EncodedResource {
  const headers = context.view.needsSourceTags(subject.mesh) && { requestHeadersToAdd: [sourceTagsHeader(subject.tagSets)] };
  const shaping = having(effects, "route", "routeConfiguration");
  const outside = outsideServices(context, subject.mesh, plan);
  return context.encoder.share({
    typeUrl: typeUrls.route,
    inputs: [routeConfigName, service, target.protocol, plan.entries, headers, outside, inputsOf(shaping)],
    origins: originsOf(shaping, plan.origins),
    build: () => {
      const routes = plan.entries.map((entry) => shapeRoute(routeJson(entry, outside), shaping, target, entry.policies ?? []));
      const configuration = outboundRouteConfiguration({ name: routeConfigName, virtualHost: service, routes });
      return shapeRouteConfiguration({ ...configuration, ...headers }, shaping, target);
    },
  });
}

export function weightedClusters(destinations: readonly WeightedDestination[]): readonly WeightedCluster[] {
  return destinations.map(({ tags, weight }) => ({ cluster: outboundClusterName(tags), weight }));
}

/** No timeout unless a policy gives one. An entry without destinations answers by itself: a redirect. */
function routeJson({ route, destinations, mirrors = [] }: RouteEntry, outside: readonly string[]): Route {
  const fields = route as Route;
  if (destinations.length === 0) return fields;
  const copies = mirrors.map(({ tags, runtimeFraction }) => ({
    cluster: outboundClusterName(tags),
    ...(runtimeFraction && { runtimeFraction }),
  }));
  const leavesMesh = destinations.some(({ tags }) => outside.includes(tags[tagNames.service] ?? ""));
  const action = {
    timeout: "0s",
    ...(leavesMesh && withHostOfServer(fields.route)),
    ...fields.route,
    ...(copies.length > 0 && { requestMirrorPolicies: copies }),
  };
  return routeToClusters({ ...fields, route: action }, weightedClusters(destinations));
}

/** Which destinations of the routes are outside of the mesh: servers there know themselves by their own name only. */
function outsideServices({ view }: GenerationContext, mesh: string, plan: RoutePlan): readonly string[] {
  // The egress knows better.
  if (view.mesh(mesh)?.leavesByEgress) return [];
  const services = new Set(
    plan.entries.flatMap(({ destinations }) => destinations.map(({ tags }) => tags[tagNames.service] ?? "")),
  );
  return [...services].filter((service) => view.externalEndpoints(mesh, service).length > 0);
}

/** A host that a route gives wins: Envoy takes only one of them (route_components.proto, `host_rewrite_specifier`). */
function withHostOfServer(route: Route["route"] = {}): object {
  const given = ["hostRewriteLiteral", "hostRewriteHeader", "hostRewritePathRegex", "autoHostRewrite"];
  return given.some((field) => field in route) ? {} : { autoHostRewrite: true };
}
