import {
  directResponseFilter,
  type FilterChain,
  filterChain,
  inboundListener,
  serverNameMatch,
  tagSni,
  tcpProxyFilter,
  tlsInspector,
  typeUrls,
  zoneCluster,
  zoneClusterName,
} from "@meridian/envoy";
import { type Tags, tagNames } from "@meridian/model";
import { baseTimeouts, withCircuitBreakers } from "../base-config.ts";
import { boundServices } from "../egress/served.ts";
import {
  type GenerationContext,
  nothing,
  type OwnConfig,
  type Part,
  type PartResources,
  type PartUse,
  type Profile,
} from "../parts.ts";
import { hasIdentities } from "../sidecar/proxy-tls.ts";
import type { ProxyDescription } from "../types.ts";
import { askedTags } from "../view/cross-mesh.ts";
import type { LocalService, MeshView } from "../view/mesh-view.ts";
import { withoutService } from "../view/tags.ts";
import { servedPortChain, servedPortPart, servedPorts } from "./real-services.ts";

/**
 * A zone ingress: one filter chain per SNI that clients can ask for, towards the workloads of this zone. It never holds a key:
 * TLS passes through from sidecar to sidecar (reference: policies-envoy.md 0.10).
 */
export function ingressConfig(context: GenerationContext, proxy: ProxyDescription): OwnConfig {
  const { view } = context;
  const ingress = view.zoneIngress(proxy.name);
  if (!ingress) return nothing;
  const chains = [
    ...offeredServices(view).flatMap((service) => filterChains(view, service)),
    ...servedPorts(view).map((served) => servedPortChain(served, served.port.clusterName)),
  ];
  const json = inboundListener({
    address: ingress.address,
    port: ingress.port,
    tags: {},
    reusePort: proxy.features.has("feature-reuse-port"),
    listenerFilters: [tlsInspector],
    filterChains: chains.length > 0 ? chains : [nothingToServe(proxy, view.zone)],
  });
  return { resources: [context.encoder.encode(typeUrls.listener, json, [])] };
}

/** All ingresses of the zone lead to the same workloads. */
export function ingressProfile({ view }: GenerationContext, proxy: ProxyDescription): Profile | undefined {
  if (!view.zoneIngress(proxy.name)) return undefined;
  const services = offeredServices(view);
  const ports = servedPorts(view);
  const parts = (): readonly PartUse[] => [
    ...services.map((service) => ({ part: servicePart(service) })),
    ...ports.map((served) => ({ part: servedPortPart(served, served.port.clusterName) })),
  ];
  return { key: "zone ingress", parts, partsVary: true };
}

/**
 * Services with a workload here, in meshes whose proxies have identities: without them nobody can ask for them. A workload that is
 * down for a moment keeps its chain, so that the listener stays as it is. What is outside, but bound to this zone, is reached through
 * its egress.
 */
function offeredServices(view: MeshView): readonly LocalService[] {
  const inMesh = view.localServices().filter(({ mesh }) => hasIdentities(view, mesh));
  const names = new Set(inMesh.map(({ mesh, service }) => zoneClusterName(mesh, service)));
  return [...inMesh, ...boundServices(view).filter(({ mesh, service }) => !names.has(zoneClusterName(mesh, service)))];
}

/**
 * The whole service, and each subset that a route asks for. The subset's tags are always in `metadataMatch`, also those that
 * every endpoint has today: so a new endpoint changes nothing here (the peer leaves them out and rebuilds the chains).
 */
function filterChains(view: MeshView, { mesh, service }: LocalService): readonly FilterChain[] {
  const cluster = zoneClusterName(mesh, service);
  const plain: Tags = { [tagNames.service]: service };
  // Envoy compares server names in lower case and refuses a listener that has one twice.
  const chains = new Map<string, FilterChain>();
  for (const tags of [plain, ...view.destinationTagSets(mesh, service)]) {
    const serverName = tagSni(askedTags(mesh, tags), mesh);
    const filter = tcpProxyFilter({ statPrefix: cluster, clusters: [{ cluster, weight: 1 }], subset: withoutService(tags) });
    const chain = filterChain({ match: serverNameMatch(serverName), filters: [filter] });
    if (!chains.has(serverName.toLowerCase())) chains.set(serverName.toLowerCase(), chain);
  }
  return [...chains.values()];
}

/** Tells an operator who connects by hand where he is. */
export function nothingToServe(proxy: ProxyDescription, zone: string): FilterChain {
  return filterChain({ filters: [directResponseFilter(JSON.stringify({ proxy: proxy.id, zone }))] });
}

function servicePart(service: LocalService): Part {
  return {
    key: `zone ingress ${zoneClusterName(service.mesh, service.service)}`,
    name: `zone ingress, service ${service.service} of mesh ${service.mesh}`,
    generate: (context) => serviceResources(context, service),
  };
}

function serviceResources(context: GenerationContext, { mesh, service }: LocalService): PartResources {
  const name = zoneClusterName(mesh, service);
  const subsets = context.view.destinationTagSets(mesh, service).map(withoutService);
  const subsetKeys = subsets.map((tags) => Object.keys(tags));
  const cluster = zoneCluster({ name, connectTimeoutMs: baseTimeouts.connectTimeoutMs, subsetKeys });
  return {
    resources: [context.encoder.encode(typeUrls.cluster, withCircuitBreakers(cluster), [])],
    endpoints: [{ name, mesh, service, tags: askedTags(mesh, { [tagNames.service]: service }), seenFrom: "ingress" }],
  };
}
