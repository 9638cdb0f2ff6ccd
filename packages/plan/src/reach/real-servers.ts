import { realName } from "@meridian/explain";
import { backendEndpoints, resolveService } from "@meridian/generator";
import type { RouteDestination } from "@meridian/policies";
import type { ZoneImage } from "../zones/zone-image.ts";

type Backend = NonNullable<RouteDestination["backend"]>;

/** Tells one inbound of all zones from the others: addresses of two zones may be alike. */
export function placeOf(
  zone: string,
  mesh: string,
  { address, port }: { readonly address: string; readonly port: number },
): string {
  return `${zone} ${mesh} ${address}:${port}`;
}

/** Where the servers of a real service are: each zone knows its own. Empty for what is outside of the mesh. */
export function realServerPlaces(
  images: readonly ZoneImage[],
  { image, mesh, backend }: { readonly image: ZoneImage; readonly mesh: string; readonly backend: Backend },
): readonly string[] {
  const found = resolveService(image.engine.view, mesh, backend);
  if (!found || backend.kind === "MeshExternalService") return [];
  const { displayName, zone, isLocal } = found.service;
  const isEverywhere = backend.kind === "MeshMultiZoneService";
  return images
    .filter((each) => isEverywhere || (isLocal ? each === image : each.zone === zone))
    .flatMap((each) => {
      const { view } = each.engine;
      const there = resolveService(view, mesh, { kind: backend.kind, name: displayName, port: backend.port });
      if (!there) return [];
      const key = { kind: backend.kind, name: there.service.name, port: backend.port };
      return backendEndpoints(view, mesh, { backend: key, from: "ingress" }).map((at) => placeOf(each.zone, mesh, at));
    });
}

/** What stops whoever asks for a real service; undefined: nothing. */
export function obstacleToReal({ engine }: ZoneImage, mesh: string, backend: Backend): "no-endpoints" | "no-egress" | undefined {
  const { view } = engine;
  if (backendEndpoints(view, mesh, { backend, from: "sidecar" }).length > 0) return undefined;
  const leaves = backend.kind === "MeshExternalService" || view.mesh(mesh)?.leavesByEgress;
  return leaves && view.zoneEgresses().length === 0 ? "no-egress" : "no-endpoints";
}

/** How people call a real service that is one of the destinations of a route. */
export function realNameOf({ engine }: ZoneImage, mesh: string, backend: Backend): string {
  const found = resolveService(engine.view, mesh, backend);
  return found ? realName(found) : `${backend.kind} ${backend.name}:${backend.port}`;
}
