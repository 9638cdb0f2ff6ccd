import {
  identitySecretName,
  meshCaSecretName,
  meshSpiffePrefix,
  spireAgentClusterName,
  spireTrustSecretName,
  type TlsSecrets,
  trustBundleNameOf,
  trustBundleSecretName,
  trustDomainPrefix,
} from "@meridian/envoy";
import { compareText } from "@meridian/model";
import { egressIdentity } from "../egress/egress-identity.ts";
import type { MeshFacts } from "../view/mesh-facts.ts";
import type { MeshView } from "../view/mesh-view.ts";

/** Which certificate a proxy shows in place of one of the mesh's CA: what clusters differ in between clients. */
export interface ShownIdentity {
  /** SDS name. */
  readonly certificate: string;
  /** The SPIRE agent serves the certificate and whom to believe. */
  readonly isOfSpire?: true;
}

/** What a proxy shows to its peers, and which of them it believes. */
export interface ProxyTls {
  readonly secrets: TlsSecrets;
  /** What ids of peers may start with, sorted; none: whoever the trust is good for. */
  readonly peerPrefixes: readonly string[];
  /** SDS names of secrets that are nobody's own: who sends the config sends these, too. */
  readonly shared: readonly string[];
  /** `keyText` of the MeshTrusts behind them. */
  readonly origins: readonly string[];
}

/**
 * TLS of a proxy towards others of its mesh; undefined: it has no identity to show. A MeshTrust adds to whom all proxies of the mesh
 * believe, so that servers take a new CA before any client shows a certificate of it. Whom to expect is asked for as before: the peer
 * drops that as soon as there is a MeshTrust, and any proxy could pass for any service (reference: policies-envoy.md 0.6).
 */
export function proxyTls(view: MeshView, mesh: MeshFacts, shown: ShownIdentity | undefined): ProxyTls | undefined {
  if (!shown && !mesh.mtls) return undefined;
  const { domains, origins } = view.trust(mesh.name);
  if (shown?.isOfSpire) {
    const secrets = { certificate: shown.certificate, trust: spireTrustSecretName, servedBy: spireAgentClusterName };
    return { secrets, peerPrefixes: [], shared: [], origins: [] };
  }
  const certificate = shown?.certificate ?? identitySecretName(mesh.name);
  const usesBundle = shown !== undefined || domains.length > 0;
  return {
    secrets: { certificate, trust: usesBundle ? trustBundleSecretName : meshCaSecretName(mesh.name) },
    peerPrefixes: peerPrefixes(mesh, domains),
    shared: usesBundle ? [trustBundleSecretName] : [],
    origins: usesBundle ? origins : [],
  };
}

/** Whether anybody in the mesh can be known by a certificate: only then others can be asked for across zones. */
export function hasIdentities(view: MeshView, mesh: string): boolean {
  return view.mesh(mesh)?.mtls !== undefined || view.identities(mesh).length > 0;
}

/** Where an egress finds whom it believes, and what their ids start with. */
export interface EgressTls {
  readonly secrets: TlsSecrets;
  readonly clientPrefixes: readonly string[];
}

/**
 * TLS of a zone egress towards the proxies of a mesh; undefined: as the mesh's CA says. What is outside of the mesh is for its own
 * proxies: nobody else whom they believe gets there by their egress.
 */
export function egressTls(view: MeshView, mesh: string): EgressTls | undefined {
  const facts = view.mesh(mesh);
  const { domains, own } = view.trust(mesh);
  if (!facts || domains.length === 0) return undefined;
  const certificate = egressIdentity(view, mesh)?.kri ?? identitySecretName(mesh);
  const secrets = { certificate, trust: trustBundleNameOf(mesh) };
  return { secrets, clientPrefixes: peerPrefixes(facts, own) };
}

/** What ids of the mesh's own proxies start with, where others are believed, too; undefined: nobody else is. */
export function memberPrefixes(view: MeshView, mesh: MeshFacts): readonly string[] | undefined {
  const { domains, own } = view.trust(mesh.name);
  return own.length < domains.length ? peerPrefixes(mesh, own) : undefined;
}

function peerPrefixes({ name, mtls }: MeshFacts, domains: readonly string[]): readonly string[] {
  const prefixes = [...(mtls ? [meshSpiffePrefix(name)] : []), ...domains.map(trustDomainPrefix)];
  return [...new Set(prefixes)].sort(compareText);
}
