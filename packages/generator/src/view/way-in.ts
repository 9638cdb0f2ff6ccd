import { compareText, labelNames, type MeshZoneAddressSpec, type Resource } from "@meridian/model";
import type { MeshView } from "./mesh-view.ts";
import type { IngressAddress } from "./zone-ingress-facts.ts";

/**
 * Where the real services of another zone are reached: at the ingresses that the mesh has there of its own, if it has any, else at those
 * of the zone (reference: policies-envoy.md 0.7). Each address once, sorted.
 */
export function wayIn(view: MeshView, mesh: string, zone: string): readonly IngressAddress[] {
  const own = view
    .resources(mesh, "MeshZoneAddress")
    .filter(({ labels }) => labels[labelNames.zone] === zone)
    .map(({ spec }) => spec as Resource<MeshZoneAddressSpec>["spec"]);
  if (own.length === 0) return view.ingressesOf(zone);
  const byText = new Map(own.map(({ address, port }) => [`${address}:${port}`, { address, port }]));
  return [...byText].sort(([a], [b]) => compareText(a, b)).map(([, address]) => address);
}
