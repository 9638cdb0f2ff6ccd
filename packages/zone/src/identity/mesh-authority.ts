import { createHash } from "node:crypto";
import { type EncodedResource, encodeResource, meshCaSecretName, typeUrls, validationContextSecret } from "@meridian/envoy";
import type { IdentityNeed } from "@meridian/generator";
import { type DataSource, type MeshSpec, type MtlsBackend, parseDuration, parseLifetime } from "@meridian/model";
import { createLeafIssuer, type LeafIssuer } from "@meridian/pki";
import type { ResourceReader } from "@meridian/store";
import { readDataSource } from "./data-source.ts";

/** A CA of a mesh, ready to issue. */
export interface MeshAuthority {
  readonly issuer: LeafIssuer;
  readonly certPem: string;
  /** By which proxies check each other; absent: that comes with all trust domains of the mesh. */
  readonly caSecret?: EncodedResource;
  readonly leafMs: number;
  /** Differs when certificates that were issued before are no longer what would be issued. Never leaves the process. */
  readonly fingerprint: string;
}

const defaultLeafMs = 24 * 3_600_000;

/** Loads the CA of a mesh, and tells `onSecret` each Secret that it depends on, before it is read. */
export async function loadAuthority(
  store: ResourceReader,
  need: Pick<IdentityNeed, "mesh" | "backend">,
  onSecret: (name: string) => void,
): Promise<MeshAuthority> {
  const mesh = await store.get<MeshSpec>({ kind: "Mesh", mesh: "", name: need.mesh });
  const backend = mesh?.spec.mtls?.backends?.find((candidate) => candidate.name === need.backend);
  if (!backend) throw new Error(`mesh ${need.mesh} has no mTLS backend ${need.backend}`);
  const [certSource, keySource] = sourcesOf(need, backend);
  for (const source of [certSource, keySource]) if (source?.secret !== undefined) onSecret(source.secret);
  const purpose = (field: string): string => `the ${field} of the provided CA of mesh ${need.mesh}`;
  const pair = {
    certPem: await readDataSource(store, { mesh: need.mesh, source: certSource, purpose: purpose("cert") }),
    keyPem: await readDataSource(store, { mesh: need.mesh, source: keySource, purpose: purpose("key") }),
  };
  const leafMs = lifetimeMs(backend.dpCert?.rotation?.expiration);
  const validation = validationContextSecret({ name: meshCaSecretName(need.mesh), trustedCa: pair.certPem });
  return {
    issuer: createLeafIssuer(pair),
    certPem: pair.certPem,
    caSecret: encodeResource(typeUrls.secret, validation, []),
    leafMs,
    fingerprint: createHash("sha256")
      .update(JSON.stringify([pair, leafMs]))
      .digest("base64"),
  };
}

function sourcesOf(
  { mesh }: Pick<IdentityNeed, "mesh">,
  { type, name, conf }: MtlsBackend,
): readonly [cert: DataSource | undefined, key: DataSource | undefined] {
  if (type !== "builtin") return [conf?.cert, conf?.key];
  return [{ secret: `${mesh}.ca-builtin-cert-${name}` }, { secret: `${mesh}.ca-builtin-key-${name}` }];
}

/** `1d` as Mesh writes lifetimes, or a duration like `1h30m`. */
function lifetimeMs(expiration: string | undefined): number {
  if (expiration === undefined) return defaultLeafMs;
  return parseLifetime(expiration) || parseDuration(expiration) || defaultLeafMs;
}
