import { isIP } from "node:net";
import { clusterLoadAssignment, type EncodedResource, type Endpoint, typeUrls } from "@meridian/envoy";
import { type Tags, tagNames } from "@meridian/model";
import { originsOf, shapeEndpoints } from "@meridian/policies";
import { egressEndpoints, outsideEndpoints } from "./egress-endpoints.ts";
import type { EndpointsRef, GenerationContext } from "./parts.ts";
import { serviceEndpoints } from "./service-endpoints.ts";
import { hasTags } from "./view/tags.ts";

/**
 * Where the endpoints of a cluster are. The same for every proxy of the zone that uses the cluster, so it is built once per
 * change and shared. An empty one is sent too: without it Envoy would hold back what needs the cluster.
 */
export function endpointsResource(context: GenerationContext, ref: EndpointsRef): EncodedResource {
  const all = endpointsOf(context, ref);
  // EDS takes only IP addresses: one host name would make Envoy refuse the whole assignment.
  const endpoints = all.filter(({ address }) => isIP(address) !== 0);
  const { shape } = ref;
  if (!shape) return context.encoder.encode(typeUrls.endpoint, clusterLoadAssignment(ref.name, endpoints), []);
  const shaped = shapeEndpoints({ endpoints }, shape.effects, shape.target);
  const json = { ...clusterLoadAssignment(ref.name, shaped.endpoints), ...(shaped.policy && { policy: shaped.policy }) };
  return context.encoder.encode(typeUrls.endpoint, json, originsOf(shape.effects));
}

function endpointsOf(context: GenerationContext, ref: EndpointsRef): readonly Endpoint[] {
  if (ref.backend) return serviceEndpoints(context, ref);
  // A service that is outside of the mesh is so in every zone.
  const isOutside = context.view.externalEndpoints(ref.mesh, ref.service).length > 0;
  switch (ref.seenFrom) {
    case "ingress":
      return isOutside ? outsideEndpoints(context.view, ref) : local(context, ref, 1);
    case "egress":
      return remote(context, ref, { isOutside });
    case "sidecar":
      return isOutside ? outsideEndpoints(context.view, ref) : meshEndpoints(context, ref);
  }
}

/**
 * Other zones are reached through their ingresses, which need the SNI of mesh TLS. Each ingress weighs as many instances as it
 * offers and each local instance as much as there are ingresses, so that instances everywhere get the same share
 * (reference: multizone.md section 4).
 */
function meshEndpoints(context: GenerationContext, ref: EndpointsRef): readonly Endpoint[] {
  const { view } = context;
  const mesh = view.mesh(ref.mesh);
  if (!mesh || (!mesh.mtls && !ref.isIdentified)) return local(context, ref, 1);
  if (mesh.leavesByEgress) return endpointsByEgress(context, ref, mesh.prefersLocalZone);
  const weight = Math.max(1, view.remoteIngressCount());
  const here = local(context, ref, weight);
  // Priorities have no gaps (endpoint_components.proto): with nobody here, the others come first.
  const remotePriority = mesh.prefersLocalZone && here.length > 0 ? 1 : 0;
  return [...here, ...remote(context, ref, { priority: remotePriority })];
}

/** Weights as without an egress: all egresses together weigh as much as the instances behind them, each for as many egresses. */
function endpointsByEgress(context: GenerationContext, ref: EndpointsRef, prefersLocalZone: boolean): readonly Endpoint[] {
  const { view } = context;
  const instances = remote(context, ref).reduce((sum, { weight = 1 }) => sum + weight, 0);
  const here = local(context, ref, Math.max(1, view.remoteIngressCount()) * Math.max(1, view.zoneEgresses().length));
  if (instances === 0) return here;
  const priority = prefersLocalZone && here.length > 0 ? 1 : 0;
  return [...here, ...egressEndpoints(view, { weight: instances, priority })];
}

function local({ view }: GenerationContext, ref: EndpointsRef, weight: number): readonly Endpoint[] {
  return view
    .localEndpoints(ref.mesh, ref.service)
    .filter(({ tags }) => hasTags(tags, ref.tags))
    .map(({ address, port, tags, labels }) => ({
      address,
      port,
      weight,
      zone: tags[tagNames.zone] ?? view.zone,
      tags,
      // Only for policies that place endpoints by them.
      ...(ref.shape && labels && { labels }),
    }));
}

interface RemoteOptions {
  readonly priority?: number;
  /** What is reached through egresses there. */
  readonly isOutside?: boolean;
}

/** One endpoint per address: Envoy ignores a second one of the same address, and with it its weight. */
function remote({ view }: GenerationContext, ref: EndpointsRef, options: RemoteOptions = {}): readonly Endpoint[] {
  const { priority = 0, isOutside = false } = options;
  const byAddress = new Map<string, { readonly ingress: string; endpoint: Endpoint; instances: number }>();
  for (const { ingress, address, port, tags, instances, isExternal } of view.remoteOffers(ref.mesh, ref.service)) {
    if (isExternal !== isOutside || !hasTags(tags, ref.tags)) continue;
    const key = `${address}:${port}`;
    const known = byAddress.get(key);
    if (!known) {
      const endpoint = { address, port, zone: tags[tagNames.zone] ?? "", priority, tags };
      byAddress.set(key, { ingress, endpoint, instances });
    } else if (known.ingress === ingress) {
      // Several ingresses behind one address offer the same: only the first counts.
      known.instances += instances;
      known.endpoint = { ...known.endpoint, tags: commonTags(known.endpoint.tags ?? {}, tags) };
    }
  }
  return [...byAddress.values()].map(({ endpoint, instances }) => ({ ...endpoint, weight: instances }));
}

function commonTags(a: Tags, b: Tags): Tags {
  return Object.fromEntries(Object.entries(a).filter(([tag, value]) => b[tag] === value));
}
