import type { X509Certificate } from "node:crypto";
import { errorMessage } from "@meridian/base";
import { labelNames, type MeshIdentitySpec, type Resource, type ResourceInput, type SecretSpec } from "@meridian/model";
import { generateCa, inspectCa } from "@meridian/pki";
import { identityCaSecrets } from "@meridian/services";
import { ConflictError } from "@meridian/store";
import { certificatesIn } from "../identity/ca-digest.ts";
import { type GivenAuthorityDeps, readIdentityCa } from "../identity/given-authority.ts";
import type { ResourceWriter } from "../registration/resource-writer.ts";

/** As those of meshes. */
const caLifetimeMs = 10 * 365 * 86_400_000;

export interface IdentityCaDeps extends GivenAuthorityDeps {
  readonly writer: Pick<ResourceWriter, "create">;
  readonly now: () => Date;
}

/** A CA that can sign, or why there is none. */
export type FoundCa = { readonly certificate: X509Certificate; readonly pem: string } | { readonly problem: string };

/** The CA of a MeshIdentity that the zone issues for; it is made first where that is asked for. Never throws for a user's mistake. */
export async function findCa(resource: Resource<MeshIdentitySpec>, trustDomain: string, deps: IdentityCaDeps): Promise<FoundCa> {
  const { autogenerate, insecureAllowSelfSigned = false } = resource.spec.provider?.bundled ?? {};
  if (autogenerate?.enabled) await makeCa(resource, trustDomain, deps);
  try {
    const { certPem, keyPem } = await readIdentityCa(resource, deps);
    const [certificate] = certificatesIn(certPem);
    const [problem] = inspectCa(certPem, keyPem, deps.now());
    if (problem !== undefined || !certificate) return { problem: `its CA cannot be used: ${problem ?? "no certificate"}` };
    if (!autogenerate?.enabled && !insecureAllowSelfSigned && isSelfSigned(certificate)) {
      return { problem: "its CA signs itself: set insecureAllowSelfSigned to take it" };
    }
    return { certificate, pem: certPem };
  } catch (error) {
    return { problem: errorMessage(error) };
  }
}

/** Only where both Secrets are missing: half of a CA is somebody's mistake, and a new one would end trust in the old. */
async function makeCa(
  { mesh, name }: Resource<MeshIdentitySpec>,
  trustDomain: string,
  { store, writer, now }: IdentityCaDeps,
): Promise<void> {
  const names = [identityCaSecrets.certificate(name), identityCaSecrets.privateKey(name)] as const;
  const stored = await Promise.all(names.map((secret) => store.get({ kind: "Secret", mesh, name: secret })));
  if (stored.some((secret) => secret !== undefined)) return;
  const { certPem, keyPem } = await generateCa({
    commonName: trustDomain,
    spiffeId: `spiffe://${trustDomain}`,
    validForMs: caLifetimeMs,
    now: now(),
  });
  const [certificate, privateKey] = names;
  try {
    await writer.create([secretOf(mesh, certificate, certPem), secretOf(mesh, privateKey, keyPem)], {
      author: "mesh identities",
    });
  } catch (error) {
    // Another replica of this control plane was faster: its CA is the one.
    if (!(error instanceof ConflictError)) throw error;
  }
}

function secretOf(mesh: string, name: string, pem: string): ResourceInput<SecretSpec> {
  const labels = { [labelNames.mesh]: mesh, [labelNames.origin]: "zone" };
  return { kind: "Secret", mesh, name, labels, spec: { data: Buffer.from(pem).toString("base64") } };
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
}
