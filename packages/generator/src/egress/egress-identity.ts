import { trustDomainPrefix } from "@meridian/envoy";
import { compareText } from "@meridian/model";
import { policyKri } from "@meridian/policies";
import type { MeshIdentity } from "@meridian/services";
import type { MeshView } from "../view/mesh-view.ts";

/** Who the zone egresses are to the proxies of a mesh. */
export interface EgressIdentity {
  /** Of the MeshIdentity. */
  readonly name: string;
  /** SDS name of the certificate. */
  readonly kri: string;
  readonly spiffeId: string;
}

/** No path that labels of a data plane are likely to make: of it they would need two of these very words. */
const egressPath = "meridian.io/zone-egress";

/**
 * What zone egresses show to the proxies of a mesh by its MeshIdentities: an id of the first one that may be shown and whose CA the zone
 * holds. An egress is no data plane, so no selector concerns it. Undefined: they are known by the mesh's own CA alone. (The peer's
 * egress serves only meshes with such a CA.)
 */
export function egressIdentity(view: MeshView, mesh: string): EgressIdentity | undefined {
  if (view.trust(mesh).domains.length === 0) return undefined;
  for (const identity of view.identities(mesh)) {
    const spiffeId = egressIdOf(identity);
    if (spiffeId === undefined) continue;
    return { name: identity.resource.name, kri: policyKri("mid", identity.resource), spiffeId };
  }
  return undefined;
}

/** Whether zone egresses can prove to the proxies of a mesh who they are. */
export function hasEgressIdentity(view: MeshView, mesh: string): boolean {
  return view.mesh(mesh)?.mtls !== undefined || egressIdentity(view, mesh) !== undefined;
}

/** Ids of egresses by MeshIdentities that clients take, beside that of the mesh's CA: also those that are not shown yet. Sorted. */
export function egressIds(view: MeshView, mesh: string): readonly string[] {
  const waiting = view.waitingIdentities(mesh).map(({ identity }) => identity);
  const ids = [...view.identities(mesh), ...waiting].map(egressIdOf).filter((id) => id !== undefined);
  return [...new Set(ids)].sort(compareText);
}

function egressIdOf({ resource, trustDomain }: MeshIdentity): string | undefined {
  if (resource.spec.provider?.type !== "Bundled" || !("ok" in trustDomain)) return undefined;
  return `${trustDomainPrefix(trustDomain.ok)}${egressPath}`;
}
