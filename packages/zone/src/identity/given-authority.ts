import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type MeshIdentitySpec, parseDuration, type Resource, type SecretSpec } from "@meridian/model";
import { createLeafIssuer, type KeyPair } from "@meridian/pki";
import { identityCaSecrets, type MeshIdentityStatus } from "@meridian/services";
import type { ResourceReader } from "@meridian/store";
import { caDigest, certificatesIn } from "./ca-digest.ts";
import type { MeshAuthority } from "./mesh-authority.ts";

type Bundled = NonNullable<NonNullable<MeshIdentitySpec["provider"]>["bundled"]>;
type KeySource = NonNullable<NonNullable<Bundled["ca"]>["certificate"]>;

export interface GivenAuthorityDeps {
  readonly store: Pick<ResourceReader, "get">;
  /** A variable of the control plane's environment. */
  readonly environment: (name: string) => string | undefined;
}

const defaultLeafMs = 24 * 3_600_000;

/**
 * The CA of a MeshIdentity, ready to issue. A CA that took the place of another one issues nothing until all proxies believe it (see
 * `IdentityKeeper`): until then, certificates of the one before go on.
 * @param onSecret is told each Secret that it depends on, before it is read.
 * @throws Error naming what is missing; never with key material in it.
 */
export async function loadGivenAuthority(
  { mesh, identity }: { readonly mesh: string; readonly identity: string },
  onSecret: (name: string) => void,
  deps: GivenAuthorityDeps,
): Promise<MeshAuthority> {
  const resource = await deps.store.get<MeshIdentitySpec>({ kind: "MeshIdentity", mesh, name: identity });
  if (!resource) throw new Error(`MeshIdentity ${identity} of mesh ${mesh} is not there`);
  for (const name of secretsOf(resource)) onSecret(name);
  const pair = await readIdentityCa(resource, deps);
  const { trustedCa } = (resource.status ?? {}) as Partial<MeshIdentityStatus>;
  const [ca] = certificatesIn(pair.certPem);
  if (!ca || caDigest(ca) !== trustedCa) throw new Error(`not all proxies believe the CA of MeshIdentity ${identity} yet`);
  const { expiry } = resource.spec.provider?.bundled?.certificateParameters ?? {};
  const leafMs = (expiry !== undefined && parseDuration(expiry)) || defaultLeafMs;
  const fingerprint = createHash("sha256")
    .update(JSON.stringify([pair, leafMs]))
    .digest("base64");
  return { issuer: createLeafIssuer(pair), certPem: pair.certPem, leafMs, fingerprint };
}

/** @throws Error naming what is missing; never with key material in it. */
export async function readIdentityCa(resource: Resource<MeshIdentitySpec>, deps: GivenAuthorityDeps): Promise<KeyPair> {
  const { autogenerate, ca = {} } = resource.spec.provider?.bundled ?? {};
  const { mesh, name } = resource;
  if (autogenerate?.enabled) {
    return {
      certPem: await readSecret(deps, mesh, identityCaSecrets.certificate(name)),
      keyPem: await readSecret(deps, mesh, identityCaSecrets.privateKey(name)),
    };
  }
  return {
    certPem: await readSource(ca.certificate, { ...deps, mesh, purpose: "certificate" }),
    keyPem: await readSource(ca.privateKey, { ...deps, mesh, purpose: "privateKey" }),
  };
}

/** Secrets that the CA of a MeshIdentity is kept in. */
export function secretsOf({ name, spec }: Resource<MeshIdentitySpec>): readonly string[] {
  const { autogenerate, ca = {} } = spec.provider?.bundled ?? {};
  if (autogenerate?.enabled) return [identityCaSecrets.certificate(name), identityCaSecrets.privateKey(name)];
  return [ca.certificate, ca.privateKey].flatMap((source) => source?.secretRef?.name ?? []);
}

interface SourceDeps extends GivenAuthorityDeps {
  readonly mesh: string;
  readonly purpose: string;
}

async function readSource(source: KeySource | undefined, deps: SourceDeps): Promise<string> {
  const { mesh, purpose } = deps;
  if (source?.type === "Secret" && source.secretRef) return readSecret(deps, mesh, source.secretRef.name);
  if (source?.type === "InsecureInline" && source.insecureInline) return source.insecureInline.value;
  if (source?.type === "EnvVar" && source.envVar) {
    const value = deps.environment(source.envVar.name);
    if (value === undefined) throw new Error(`${purpose}: the control plane has no environment variable ${source.envVar.name}`);
    return value;
  }
  if (source?.type === "File" && source.file) {
    const { path } = source.file;
    return readFile(path, "utf8").catch(() => {
      throw new Error(`${purpose}: file ${path} cannot be read`);
    });
  }
  throw new Error(`${purpose}: no source is named`);
}

async function readSecret({ store }: GivenAuthorityDeps, mesh: string, name: string): Promise<string> {
  const secret = await store.get<SecretSpec>({ kind: "Secret", mesh, name });
  if (!secret?.spec.data) throw new Error(`secret ${name} of mesh ${mesh} is not there`);
  return Buffer.from(secret.spec.data, "base64").toString("utf8");
}
