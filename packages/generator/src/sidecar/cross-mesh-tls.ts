import { meshCaSecretName, serviceSpiffeId, tagSni } from "@meridian/envoy";
import { tagNames } from "@meridian/model";
import type { RouteDestination } from "@meridian/policies";
import type { ServicePlace } from "../view/cross-mesh.ts";
import type { MeshView } from "../view/mesh-view.ts";
import type { ClientTls } from "./client-tls.ts";
import { proxyIdentity } from "./proxy-identity.ts";
import { proxyTls, type ShownIdentity } from "./proxy-tls.ts";

export interface CrossMeshTlsOptions {
  /** Of the client. */
  readonly mesh: string;
  readonly to: RouteDestination;
  /** The gateways. */
  readonly place: ServicePlace;
  /** What the client shows; absent: a certificate of its mesh's CA. */
  readonly shown?: ShownIdentity;
}

/**
 * How a client knows the gateways of another mesh: by the CA of that mesh and the id of their service, while it shows itself as in its own
 * (reference: multizone.md section 9). Undefined: one of the two meshes has no mTLS, or a SPIRE agent says whom the client believes.
 */
export function crossMeshTls(view: MeshView, { mesh, to, place, shown }: CrossMeshTlsOptions): ClientTls | undefined {
  const [own, other] = [view.mesh(mesh), view.mesh(place.mesh)];
  const tls = own?.mtls && other?.mtls && !shown?.isOfSpire ? proxyTls(view, own, shown) : undefined;
  if (!tls) return undefined;
  const trust = meshCaSecretName(place.mesh);
  return {
    sni: tagSni(to.tags, place.mesh),
    serverIds: [serviceSpiffeId(place.mesh, to.tags[tagNames.service] ?? ""), ...givenIds(view, place)],
    secrets: { certificate: tls.secrets.certificate, trust },
    shared: [trust],
  };
}

/** What MeshIdentities make of the gateways in this zone: sorted. */
function givenIds(view: MeshView, { mesh, service }: ServicePlace): readonly string[] {
  if (view.identities(mesh).length === 0) return [];
  const ids = view.localEndpoints(mesh, service).map(({ labels = {} }) => proxyIdentity(view, mesh, labels)?.spiffeId);
  return [...new Set(ids.filter((id) => id !== undefined))].sort();
}
