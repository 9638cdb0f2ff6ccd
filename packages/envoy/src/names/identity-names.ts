// Names that come with MeshIdentity and MeshTrust (policies-envoy.md section 19).

/** SDS name of the CAs of all trust domains that a mesh believes. */
export const trustBundleSecretName = "system_trust_bundle";

/** The cluster of the SPIRE agent beside a proxy. */
export const spireAgentClusterName = "system_identity_sds-spire-agent";

/** The SPIRE agent's name for all CAs that it knows, those of federated trust domains among them. */
export const spireTrustSecretName = "ALL";

/** What every SPIFFE id of a trust domain starts with. */
export function trustDomainPrefix(trustDomain: string): string {
  return `spiffe://${trustDomain}/`;
}
