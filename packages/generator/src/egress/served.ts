import { tagNames } from "@meridian/model";
import type { ExternalEndpoint } from "../view/external-service-facts.ts";
import type { LocalService, MeshView } from "../view/mesh-view.ts";
import type { ServicePortOf } from "../view/resolve-service.ts";
import { hasEgressIdentity } from "./egress-identity.ts";

/** One port of a real service of one of the meshes. */
export interface MeshedPort extends ServicePortOf {
  readonly mesh: string;
}

/**
 * The ExternalServices that the egress of this zone reaches by itself: those without a zone, and those of this one. Others are the
 * business of the egress there (reference: resources-legacy.md section 13).
 */
export function reachedFromHere(view: MeshView, mesh: string, service: string): readonly ExternalEndpoint[] {
  return view.externalEndpoints(mesh, service).filter(({ tags }) => (tags[tagNames.zone] ?? view.zone) === view.zone);
}

/**
 * ExternalServices that are bound to this zone: others reach them through its ingress and its egress. They are offered in meshes that
 * do not leave by egresses, too: what other zones may turn to at any moment has to be there before.
 */
export function boundServices(view: MeshView): readonly LocalService[] {
  if (view.zoneEgresses().length === 0) return [];
  return outsideServices(view).filter(({ mesh, service }) => boundEndpoints(view, mesh, service).length > 0);
}

export function boundEndpoints(view: MeshView, mesh: string, service: string): readonly ExternalEndpoint[] {
  return view.externalEndpoints(mesh, service).filter(({ tags }) => tags[tagNames.zone] === view.zone);
}

/** ExternalServices where TLS of the mesh ends here. */
export function outsideServices(view: MeshView): readonly LocalService[] {
  return view.outsideServices().filter((outside) => isServed(view, outside));
}

/** Whether the egress of this zone reaches an ExternalService for whoever asks for it there. */
export function isServed(view: MeshView, { mesh, service }: LocalService): boolean {
  const facts = view.mesh(mesh);
  if (facts?.servedByEgress) return reachedFromHere(view, mesh, service).length > 0;
  return facts?.mtls !== undefined && boundEndpoints(view, mesh, service).length > 0;
}

/** Services known by tag that only other zones have, or that have something there: bytes pass as they are. */
export function passedServices(view: MeshView): readonly LocalService[] {
  return view
    .remoteServices()
    .filter(({ mesh }) => view.mesh(mesh)?.servedByEgress)
    .filter(({ mesh, service }) => reachedFromHere(view, mesh, service).length === 0);
}

/** MeshExternalServices: they have no other way, whatever the mesh says of its routing. */
export function outsidePorts(view: MeshView): readonly MeshedPort[] {
  return view
    .servicesBehindEgress()
    .filter(({ mesh, service }) => service.kind === "MeshExternalService" && hasEgressIdentity(view, mesh))
    .flatMap(portsOf);
}

/** Real services that are in other zones. */
export function passedPorts(view: MeshView): readonly MeshedPort[] {
  return view
    .servicesBehindEgress()
    .filter(({ mesh, service }) => service.kind !== "MeshExternalService" && view.mesh(mesh)?.servedByEgress)
    .flatMap(portsOf);
}

function portsOf({ mesh, service }: ReturnType<MeshView["servicesBehindEgress"]>[number]): readonly MeshedPort[] {
  return service.ports.map((port) => ({ mesh, service, port }));
}
