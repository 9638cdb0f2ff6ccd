import { type EncodedResource, grpcStatsFilter, tcpProxyFilter } from "@meridian/envoy";
import { type Tags, tagNames } from "@meridian/model";
import { type Protocol, type ProxySubject, planOutbound, type RoutePlan } from "@meridian/policies";
import { rdsConnectionManager } from "../base-config.ts";
import type { EndpointsRef, GenerationContext, PartFilters, PartResources } from "../parts.ts";
import { commonProtocol, isHttp } from "../view/protocol.ts";
import { tagsText } from "../view/tags.ts";
import { destination } from "./destination.ts";
import { routeConfiguration, weightedClusters } from "./route-configuration.ts";

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
  const { mesh } = subject;
  const { view } = context;
  if (!view.mesh(mesh)) return { resources: [], endpoints: [] };
  const plan = planOutbound({
    subject,
    outbound: { tags, service, protocol: view.protocol(mesh, service) ?? "unknown" },
    ...view.outboundPolicies(mesh, service),
  });
  // The mesh has TrafficRoutes but none fits: connections are closed (reference: resources-legacy.md 0.4).
  if (plan === "cut") return { resources: [], endpoints: [], filters: closeConnections };
  const protocol = planProtocol(context, mesh, plan);
  const { clusters, endpoints } = destinations(context, mesh, plan);
  if (!isHttp(protocol)) return { resources: clusters, endpoints, filters: tcpFilters(service, plan) };
  const routes = routeConfiguration(context, options, plan);
  return { resources: [routes, ...clusters], endpoints, filters: httpFilters(options, protocol) };
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
function destinations(context: GenerationContext, mesh: string, plan: RoutePlan) {
  const clusters: EncodedResource[] = [];
  const endpoints: EndpointsRef[] = [];
  const seen = new Set<string>();
  for (const tags of [...planDestinations(plan), ...(plan.idle ?? [])]) {
    const text = tagsText(tags);
    if (seen.has(text)) continue;
    seen.add(text);
    const built = destination(context, { mesh, tags, overlay: plan.cluster, origins: plan.origins });
    clusters.push(built.cluster);
    endpoints.push(built.endpoints);
  }
  return { clusters, endpoints };
}

function httpFilters({ service, routeConfigName, ipv6Enabled }: OutboundOptions, protocol: Protocol): PartFilters {
  const grpc = protocol === "grpc";
  const httpFilters = grpc ? [grpcStatsFilter] : [];
  return {
    inputs: ["http", grpc, service, routeConfigName, ipv6Enabled],
    origins: [],
    build: () => [rdsConnectionManager({ statPrefix: service, routeConfigName, httpFilters, ipv6Enabled })],
  };
}

/** TCP knows no matches: the last entry, which matches everything, is the only one that counts. */
function tcpFilters(service: string, plan: RoutePlan): PartFilters {
  const clusters = weightedClusters(plan.entries.at(-1)?.destinations ?? []);
  if (clusters.length === 0) return closeConnections;
  return {
    inputs: ["tcp", service, clusters],
    origins: plan.origins,
    build: () => [tcpProxyFilter({ statPrefix: service, clusters })],
  };
}

/** Without filters, Envoy closes each connection. */
const closeConnections: PartFilters = { inputs: ["cut"], origins: [], build: () => [] };
