import { meshCaSecretName } from "./names.ts";

// Names that come with MeshIdentity and MeshTrust (policies-envoy.md section 19).

/** SDS name of the CAs of all trust domains that a mesh believes. */
export const trustBundleSecretName = "system_trust_bundle";

/** The same for a proxy that meets several meshes: a zone egress. */
export function trustBundleNameOf(mesh: string): string {
  return `${trustBundleSecretName}:${mesh}`;
}

/** The mesh whose bundle it is, for a proxy of `ownMesh`; undefined for any other SDS name. Another mesh goes by the name of its CA. */
export function meshOfTrustBundle(name: string, ownMesh: string): string | undefined {
  if (name === trustBundleSecretName) return ownMesh;
  const prefix = [trustBundleNameOf(""), meshCaSecretName("")].find((each) => name.startsWith(each));
  return prefix === undefined ? undefined : name.slice(prefix.length);
}

/** The cluster of the SPIRE agent beside a proxy. */
export const spireAgentClusterName = "system_identity_sds-spire-agent";

/** The SPIRE agent's name for all CAs that it knows, those of federated trust domains among them. */
export const spireTrustSecretName = "ALL";

/** What every SPIFFE id of a trust domain starts with. */
export function trustDomainPrefix(trustDomain: string): string {
  return `spiffe://${trustDomain}/`;
}
