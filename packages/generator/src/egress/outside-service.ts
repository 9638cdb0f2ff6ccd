import { type FilterChain, outboundClusterName, tagSni, zoneClusterName } from "@meridian/envoy";
import { type Tags, tagNames } from "@meridian/model";
import {
  type InboundEffect,
  type InboundTarget,
  inboundEffects,
  notesOf,
  originsOf,
  planPermission,
  shapeInboundChain,
  shapeInboundRoutes,
} from "@meridian/policies";
import { serverSide } from "../external/client-access.ts";
import { directCluster } from "../external/direct-cluster.ts";
import type { GenerationContext, Part } from "../parts.ts";
import { egressTls } from "../sidecar/proxy-tls.ts";
import { worldOf } from "../sidecar/world.ts";
import type { PolicyNote } from "../types.ts";
import type { LocalService, MeshView } from "../view/mesh-view.ts";
import { hasTags } from "../view/tags.ts";
import type { ZoneEgressFacts } from "../view/zone-egress-facts.ts";
import { egressEffects } from "./egress-effects.ts";
import { outsideChain } from "./outside-chain.ts";
import { reachedFromHere } from "./served.ts";

/** What is told of clients at the egress, as servers of the mesh do at their inbounds (reference: policies-envoy.md section 20). */
const limitingClients: readonly string[] = ["RateLimit", "FaultInjection", "MeshRateLimit", "MeshFaultInjection"];

export interface ServedOutside {
  readonly chains: readonly FilterChain[];
  readonly origins: readonly string[];
  readonly notes: readonly PolicyNote[];
}

export interface EgressPlace {
  readonly egress: ZoneEgressFacts;
  readonly ipv6Enabled: boolean;
}

/** The chains of one ExternalService: the whole of it, and each subset that a route asks for. */
export function outsideServiceChains(context: GenerationContext, outside: LocalService, place: EgressPlace): ServedOutside {
  const { view } = context;
  const { mesh, service } = outside;
  const server = serverSide(mesh, view.zone, {
    name: service,
    tags: commonTags(view, outside),
    port: reachedFromHere(view, mesh, service)[0]?.port ?? 0,
  });
  const protocol = view.protocol(mesh, service) ?? "unknown";
  const { address, port } = place.egress;
  const target: InboundTarget = { mesh, zone: view.zone, service, tags: server.inbound.tags, protocol, address, port };
  const policiesOf = view.inboundPolicies(mesh, service);
  const permission = planPermission({
    ...server,
    mesh,
    trafficPermissions: policiesOf("TrafficPermission"),
    meshTrafficPermissions: policiesOf("MeshTrafficPermission"),
  });
  const effects = limits(context, mesh, { ...server, inbound: { ...server.inbound, protocol } });
  const chains = tagSetsOf(view, outside).map((tags) => {
    const chain = outsideChain({
      ...{ mesh, tls: egressTls(view, mesh), protocol, permission },
      name: `${outboundClusterName(tags)}_${mesh}`,
      serverName: tagSni(tags, mesh),
      cluster: clusterName(mesh, tags),
      shapeRoutes: (routes) => shapeInboundRoutes(routes, effects, target),
      ipv6Enabled: place.ipv6Enabled,
    });
    return shapeInboundChain(chain, effects, { ...target, secured: true });
  });
  return { chains, origins: originsOf(effects, permission.origins), notes: notesOf(effects) };
}

/** The clusters behind its chains. */
export function outsideServicePart({ mesh, service }: LocalService): Part {
  return {
    key: `zone egress to ${zoneClusterName(mesh, service)}`,
    name: `zone egress, ExternalService ${service} of mesh ${mesh}`,
    generate(context) {
      const { view } = context;
      const protocol = view.protocol(mesh, service) ?? "unknown";
      const endpoints = reachedFromHere(view, mesh, service);
      const effects = egressEffects(context, mesh, { tags: { [tagNames.service]: service }, service, protocol });
      const resources = tagSetsOf(view, { mesh, service }).map((tags) =>
        directCluster(context, {
          ...{ name: clusterName(mesh, tags), overlay: {}, origins: [], effects },
          target: { mesh, zone: view.zone, service, tags, protocol },
          endpoints: endpoints.filter((endpoint) => hasTags(endpoint.tags, tags)),
        }),
      );
      const notes = notesOf(effects);
      return { resources, endpoints: [], ...(notes.length > 0 && { notes }) };
    },
  };
}

function tagSetsOf(view: MeshView, { mesh, service }: LocalService): readonly Tags[] {
  return [{ [tagNames.service]: service }, ...view.destinationTagSets(mesh, service)];
}

function clusterName(mesh: string, tags: Tags): string {
  return zoneClusterName(mesh, outboundClusterName(tags));
}

/** What all of its endpoints say of themselves: policies select the service as a whole. */
function commonTags(view: MeshView, { mesh, service }: LocalService): Tags {
  const [first, ...others] = reachedFromHere(view, mesh, service).map(({ tags }) => tags);
  const common = Object.entries(first ?? {}).filter(([tag, value]) => others.every((tags) => tags[tag] === value));
  return { ...Object.fromEntries(common), [tagNames.service]: service };
}

type Server = Pick<Parameters<typeof inboundEffects>[0], "subject" | "inbound">;

function limits(context: GenerationContext, mesh: string, server: Server): readonly InboundEffect[] {
  const { view } = context;
  const facts = view.mesh(mesh);
  if (!facts) return [];
  const policiesOf = view.inboundPolicies(mesh, server.inbound.tags[tagNames.service] ?? "");
  const effects = inboundEffects({ ...server, world: worldOf(context, facts) }, (kind) =>
    limitingClients.includes(kind) ? policiesOf(kind) : [],
  );
  return effects.filter(({ kind }) => limitingClients.includes(kind));
}
