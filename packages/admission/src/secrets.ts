import { labelNames, type MeshSpec, type MtlsBackend, type ResourceInput, type SecretSpec } from "@meridian/model";

/** Names of the secrets that control planes make (reference: resources-legacy.md section 19). */
export const secretNames = {
  caCert: (mesh: string, backend: string) => `${mesh}.ca-builtin-cert-${backend}`,
  caKey: (mesh: string, backend: string) => `${mesh}.ca-builtin-key-${backend}`,
  dataplaneTokenKey: (mesh: string) => `dataplane-token-signing-key-${mesh}-`,
  zoneTokenKey: "zone-token-signing-key-",
  userTokenKey: "user-token-signing-key-",
  adminUserToken: "admin-user-token",
} as const;

/** A secret of a mesh, or of the control plane when `mesh` is "". `text` is a PEM or a token; `data` is its base64. */
export function secretOf(mesh: string, name: string, text: string): ResourceInput<SecretSpec> {
  const kind = mesh === "" ? "GlobalSecret" : "Secret";
  const labels = mesh === "" ? {} : { [labelNames.mesh]: mesh };
  return { kind, mesh, name, labels, spec: { data: Buffer.from(text, "utf8").toString("base64") } };
}

export function secretText(spec: SecretSpec): string {
  return Buffer.from(spec.data ?? "", "base64").toString("utf8");
}

/** The number of a signing key, by the prefix of its name: `zone-token-signing-key-2` is 2. */
export function serialOf(name: string, prefix: string): number | undefined {
  const digits = name.startsWith(prefix) ? name.slice(prefix.length) : "";
  return /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : undefined;
}

/** Secrets that the CAs of a mesh live in, with the backend that uses each. */
export function secretsInUse(mesh: string, spec: MeshSpec): readonly { readonly secret: string; readonly backend: string }[] {
  return (spec.mtls?.backends ?? []).flatMap((backend) =>
    secretsOfBackend(mesh, backend).map((secret) => ({ secret, backend: backend.name })),
  );
}

function secretsOfBackend(mesh: string, { type, name, conf }: MtlsBackend): readonly string[] {
  if (type === "builtin") return [secretNames.caCert(mesh, name), secretNames.caKey(mesh, name)];
  return [conf?.cert?.secret, conf?.key?.secret].filter((secret) => secret !== undefined);
}
