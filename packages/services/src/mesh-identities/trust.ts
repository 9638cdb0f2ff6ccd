import type { MeshTrustSpec, Resource } from "@meridian/model";
import { isManagedBy } from "../generated.ts";

/** Value of `kuma.io/managed-by` for the MeshTrust that a zone makes of a MeshIdentity. */
export const trustManager = "meshtrust-generator";

/** Made of a MeshIdentity, in this zone or another one: the trust domain is one of the mesh's own proxies. */
export function isGeneratedTrust(trust: Pick<Resource, "labels">): boolean {
  return isManagedBy(trust, trustManager);
}

/** The certificates of a MeshTrust, PEM, as it lists them. */
export function pemOf({ caBundles }: MeshTrustSpec): readonly string[] {
  return caBundles.flatMap(({ pem }) => (pem ? [pem.value] : []));
}
