import type { Endpoint } from "@meridian/envoy";
import { tagNames } from "@meridian/model";
import type { ServicePortKey } from "@meridian/policies";
import { hasEgressIdentity } from "./egress/egress-identity.ts";
import { egressEndpoints } from "./egress-endpoints.ts";
import type { EndpointsRef, GenerationContext } from "./parts.ts";
import { realPort } from "./sidecar/destination-subject.ts";
import { hasIdentities } from "./sidecar/proxy-tls.ts";
import { joinedServices } from "./view/joined-services.ts";
import type { MeshView } from "./view/mesh-view.ts";
import type { ServicePortOf } from "./view/resolve-service.ts";
import type { ServiceFacts } from "./view/service-facts.ts";
import { wayIn } from "./view/way-in.ts";

/**
 * The endpoints behind one port of a MeshService or MeshMultiZoneService (reference: policies-envoy.md 0.7). Those of other zones are
 * their ingresses and come after those of this zone; an ingress does not send on to another.
 */
export function serviceEndpoints({ view }: Pick<GenerationContext, "view">, ref: EndpointsRef): readonly Endpoint[] {
  const found = ref.backend && realPort(view, ref.mesh, ref.backend);
  if (!found) return [];
  const mesh = view.mesh(ref.mesh);
  if (found.service.kind === "MeshExternalService") {
    return hasEgressIdentity(view, ref.mesh) ? egressEndpoints(view, { zone: view.zone }) : [];
  }
  const servers = serversOf(view, ref.mesh, found);
  const here = distinct(servers.filter(({ service }) => service.isLocal).flatMap((server) => localEndpoints(view, ref, server)));
  if (ref.seenFrom === "ingress" || !mesh || (!mesh.mtls && !ref.isIdentified)) return here;
  // Priorities have no gaps (endpoint_components.proto): with nobody here, the others come first.
  const priority = here.length > 0 ? 1 : 0;
  const zones = [...new Set(servers.filter(({ service }) => !service.isLocal).map(({ service }) => service.zone))].sort();
  if (ref.seenFrom === "egress") return distinct(zones.flatMap((zone) => ingressEndpoints(view, { mesh: ref.mesh, zone }, 0)));
  if (mesh.leavesByEgress) return [...here, ...endpointsByEgress(view, ref.mesh, { zones, priority })];
  return distinct([...here, ...zones.flatMap((zone) => ingressEndpoints(view, { mesh: ref.mesh, zone }, priority))]);
}

/** The same for one who only asks: of this zone alone, or of all zones as a sidecar reaches them. */
export function backendEndpoints(
  view: MeshView,
  mesh: string,
  { backend, from }: { readonly backend: ServicePortKey; readonly from: EndpointsRef["seenFrom"] },
): readonly Endpoint[] {
  const known = hasIdentities(view, mesh) && { isIdentified: true as const };
  return serviceEndpoints({ view }, { name: "", mesh, service: "", tags: {}, backend, seenFrom: from, ...known });
}

/** What the port leads to; for a MeshMultiZoneService the ports of that number, in other zones only where somebody serves them. */
function serversOf(view: MeshView, mesh: string, { service, port }: ServicePortOf): readonly ServicePortOf[] {
  if (service.kind !== "MeshMultiZoneService") return [{ service, port }];
  return joinedServices(view, mesh, service).flatMap((joined) => {
    const same = joined.ports.find((each) => each.port === port.port);
    return same && (joined.isLocal || view.isAvailable(mesh, joined.name)) ? [{ service: joined, port: same }] : [];
  });
}

function localEndpoints(view: MeshView, { mesh, shape }: EndpointsRef, { service, port }: ServicePortOf): readonly Endpoint[] {
  return membersAt(view, mesh, service, port.targetPort).map(({ address, port: at, tags, labels }) => ({
    ...{ address, port: at, weight: 1, tags },
    zone: tags[tagNames.zone] ?? view.zone,
    // Only for policies that place endpoints by them.
    ...(shape && labels && { labels }),
  }));
}

function membersAt(view: MeshView, mesh: string, service: ServiceFacts, targetPort: number | string) {
  const members = view.membersOf(mesh, service);
  return members.filter(({ section, port }) => port === targetPort || section === String(targetPort));
}

function ingressEndpoints(view: MeshView, { mesh, zone }: ZoneOfMesh, priority: number): readonly Endpoint[] {
  return wayIn(view, mesh, zone).map(({ address, port }) => ({
    ...{ address, port, weight: 1, zone, priority },
    tags: { [tagNames.zone]: zone },
  }));
}

interface ZoneOfMesh {
  readonly mesh: string;
  readonly zone: string;
}

interface FarZones {
  readonly zones: readonly string[];
  readonly priority: number;
}

/** Policies know the zone of a service that is in one only. */
function endpointsByEgress(view: MeshView, mesh: string, { zones, priority }: FarZones): readonly Endpoint[] {
  const reached = zones.filter((zone) => wayIn(view, mesh, zone).length > 0);
  const [zone] = reached;
  if (zone === undefined) return [];
  return egressEndpoints(view, { priority, ...(reached.length === 1 && { zone }) });
}

/** Envoy ignores a second endpoint of the same address. */
function distinct(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const byAddress = new Map<string, Endpoint>();
  for (const endpoint of endpoints) {
    const key = `${endpoint.address}:${endpoint.port}`;
    if (!byAddress.has(key)) byAddress.set(key, endpoint);
  }
  return [...byAddress.values()];
}
