import { allMeshesCaName, type TlsSecrets } from "@meridian/envoy";
import { proxyTls, type ShownIdentity } from "../sidecar/proxy-tls.ts";
import type { MeshFacts } from "../view/mesh-facts.ts";
import type { MeshView } from "../view/mesh-view.ts";

/**
 * What a gateway shows to proxies of other meshes, and whom it believes: the CAs of all meshes (reference: multizone.md section 9).
 * @returns or why it cannot let them in.
 */
export function crossMeshPeers(
  view: MeshView,
  mesh: MeshFacts,
  shown: ShownIdentity | undefined,
): TlsSecrets | { readonly problem: string } {
  const tls = mesh.mtls && proxyTls(view, mesh, shown);
  if (!tls) return { problem: `other meshes come in by mTLS, which mesh ${mesh.name} does not have` };
  if (shown?.isOfSpire) return { problem: "the SPIRE agent of the gateway does not know the CAs of other meshes" };
  return { certificate: tls.secrets.certificate, trust: allMeshesCaName };
}
