import type { X509Certificate } from "node:crypto";
import {
  canonicalJson,
  labelNames,
  type MeshIdentitySpec,
  type MeshTrustSpec,
  type Resource,
  type ResourceInput,
} from "@meridian/model";
import { isGeneratedTrust, isLocal, pemOf, trustManager } from "@meridian/services";
import { certificatesIn } from "../identity/ca-digest.ts";

export interface GeneratedTrustInput {
  readonly identity: Resource<MeshIdentitySpec>;
  readonly trustDomain: string;
  readonly ca: X509Certificate;
  readonly zone: string;
  /** The MeshTrust of the identity's name, as it is. */
  readonly stored: Resource<MeshTrustSpec> | undefined;
  readonly now: Date;
}

/** What should be written; `as it is`; or `taken`: a user has a MeshTrust of that name. */
export type WantedTrust = { readonly put: ResourceInput<MeshTrustSpec> } | "as it is" | "taken";

/**
 * The MeshTrust of a MeshIdentity in this zone. A CA is added to what is there and never replaces it: certificates of the one before
 * are still shown. Whoever wants an old CA forgotten takes it out of the MeshTrust; one that has expired goes by itself.
 */
export function wantedTrust({ identity, trustDomain, ca, zone, stored, now }: GeneratedTrustInput): WantedTrust {
  if (stored && (!isGeneratedTrust(stored) || !isLocal(stored))) return "taken";
  const before = stored?.spec.trustDomain === trustDomain ? pemOf(stored.spec).flatMap(certificatesIn) : [];
  const kept = before.filter(({ validTo, fingerprint256 }) => new Date(validTo) > now && fingerprint256 !== ca.fingerprint256);
  const caBundles = [ca, ...kept].map((certificate) => ({ type: "Pem" as const, pem: { value: certificate.toString() } }));
  const spec: MeshTrustSpec = { trustDomain, caBundles };
  if (stored && canonicalJson(sorted(stored.spec)) === canonicalJson(sorted(spec))) return "as it is";
  const { mesh, name } = identity;
  const labels = {
    [labelNames.mesh]: mesh,
    [labelNames.origin]: "zone",
    [labelNames.zone]: zone,
    [labelNames.managedBy]: trustManager,
    ...stored?.labels,
  };
  return { put: { kind: "MeshTrust", mesh, name, labels, spec } };
}

function sorted({ trustDomain, caBundles }: MeshTrustSpec) {
  return [trustDomain, ...caBundles.flatMap(({ pem }) => certificatesIn(pem?.value ?? "").map(String))].sort();
}
