import { type Endpoint, egressLocality } from "@meridian/envoy";
import { isServed, reachedFromHere } from "./egress/served.ts";
import type { EndpointsRef } from "./parts.ts";
import type { MeshView } from "./view/mesh-view.ts";

export interface BeyondEgress {
  /** Of each egress. Default 1. */
  readonly weight?: number;
  readonly priority?: number;
  /** Where everything behind it is; absent: in several zones, between which the egress chooses. */
  readonly zone?: string;
}

/** What clients reach through the egresses of their zone: any of them will do. None without an egress. */
export function egressEndpoints(view: MeshView, { weight = 1, priority = 0, zone }: BeyondEgress = {}): readonly Endpoint[] {
  return view.zoneEgresses().map(({ address, port }) => ({
    ...{ address, port, weight },
    zone: zone ?? egressLocality(address),
    ...(priority > 0 && { priority }),
  }));
}

/**
 * ExternalServices, where a mesh has them leave by the egress: the own one reaches them by itself, or through the ingress of the zone that
 * they are bound to.
 */
export function outsideEndpoints(view: MeshView, { mesh, service, seenFrom }: EndpointsRef): readonly Endpoint[] {
  if (seenFrom === "ingress") return isServed(view, { mesh, service }) ? egressEndpoints(view, { zone: view.zone }) : [];
  if (!view.mesh(mesh)?.leavesByEgress) return [];
  if (reachedFromHere(view, mesh, service).length > 0) return egressEndpoints(view, { zone: view.zone });
  const isOffered = view.remoteOffers(mesh, service).some(({ isExternal }) => isExternal);
  return isOffered ? egressEndpoints(view) : [];
}
