import { hashSni, serviceSpiffeId, zoneEgressService } from "@meridian/envoy";
import { compareText, type MeshServiceSpec } from "@meridian/model";
import { joinedServices } from "../view/joined-services.ts";
import type { MeshView } from "../view/mesh-view.ts";
import type { ServicePortOf } from "../view/resolve-service.ts";
import type { ServiceFacts } from "../view/service-facts.ts";

/** How a client tells a real service, and knows it (reference: policies-envoy.md 0.5). */
export interface RealTls {
  readonly sni: string;
  /** Sorted. None: it says nothing of itself, so that any server of the mesh will do. */
  readonly serverIds: readonly string[];
}

/** TLS of the mesh ends at the egress for what is outside. */
export function realTls(view: MeshView, mesh: string, { service, port }: ServicePortOf): RealTls {
  if (service.kind === "MeshExternalService") {
    return { sni: realSni(mesh, { service, port }), serverIds: [serviceSpiffeId(mesh, zoneEgressService)] };
  }
  const servers = service.kind === "MeshMultiZoneService" ? joinedServices(view, mesh, service) : [service];
  const serverIds = new Set(servers.flatMap((server) => identitiesOf(mesh, server)));
  return { sni: realSni(mesh, { service, port }), serverIds: [...serverIds].sort(compareText) };
}

export function realSni(mesh: string, { service: { kind, sniName }, port: { port } }: ServicePortOf): string {
  return hashSni({ kind, name: sniName, mesh, port });
}

function identitiesOf(mesh: string, { resource }: ServiceFacts): readonly string[] {
  const { identities = [] } = resource.spec as MeshServiceSpec;
  return identities.map(({ type, value }) => (type === "SpiffeID" ? value : serviceSpiffeId(mesh, value)));
}
