import type { Clock } from "@meridian/base";
import {
  type EncodedResource,
  encodeResource,
  identitySecretName,
  serviceSpiffeId,
  tagUri,
  tlsCertificateSecret,
  typeUrls,
} from "@meridian/envoy";
import type { IdentityNeed } from "@meridian/generator";
import type { ResourceKey } from "@meridian/model";
import type { ResourceReader } from "@meridian/store";
import { type GivenAuthorityDeps, loadGivenAuthority } from "./given-authority.ts";
import { loadAuthority, type MeshAuthority } from "./mesh-authority.ts";

/** A proxy's certificate as the SDS resources that carry it. */
export interface Identity {
  readonly secrets: readonly EncodedResource[];
  readonly backend: string;
  /** Of the CA that issued it: see `IdentityIssuer.authorityOf`. */
  readonly authority: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** Milliseconds from issue until it should be replaced: spread over 70 to 80 % of its life, so that a mesh never renews at once. */
  readonly renewInMs: number;
}

export interface IdentityIssuerOptions extends GivenAuthorityDeps {
  readonly store: ResourceReader;
  readonly clock: Clock;
  /** Uniform in [0, 1): spreads the renewals. */
  readonly random: () => number;
}

/**
 * Issues leaf certificates from each mesh's CA and from those of its MeshIdentities (design decision 7). A CA is loaded once and kept
 * until it changes.
 */
export class IdentityIssuer {
  readonly #options: IdentityIssuerOptions;
  /** By mesh, then backend. */
  readonly #authorities = new Map<string, Map<string, Promise<MeshAuthority>>>();
  /** By mesh: names of the Secrets that its CAs are made of. */
  readonly #caSecrets = new Map<string, Set<string>>();

  constructor(options: IdentityIssuerOptions) {
    this.#options = options;
  }

  /** A resource changed. Returns the mesh whose CA may be another one now; its next certificates come from what is there then. */
  changed({ kind, mesh, name }: ResourceKey): string | undefined {
    const isOfCa = kind === "MeshIdentity" || (kind === "Secret" && this.#caSecrets.get(mesh)?.has(name));
    const concerned = kind === "Mesh" ? name : isOfCa ? mesh : undefined;
    if (concerned !== undefined) this.#authorities.delete(concerned);
    return concerned;
  }

  /** Names the CA, and the lifetime that it gives. Equal as long as nothing has to be issued anew. @throws as `issue`. */
  async authorityOf(need: IdentityNeed): Promise<string> {
    const { fingerprint } = await this.#authority(need);
    return fingerprint;
  }

  /** The certificate of a mesh's CA, PEM. @throws as `issue`. */
  async caOf(need: Pick<IdentityNeed, "mesh" | "backend">): Promise<string> {
    const { certPem } = await this.#authority(need);
    return certPem;
  }

  /** @throws Error naming what is missing when the CA cannot be used; never with key material in it. */
  async issue(need: IdentityNeed): Promise<Identity> {
    const authority = await this.#authority(need);
    const nowMs = this.#options.clock.now();
    const leaf = await authority.issuer.issue({
      uris: urisOf(need),
      validForMs: authority.leafMs,
      now: new Date(nowMs),
    });
    const certificate = tlsCertificateSecret({
      name: need.given ? need.backend : identitySecretName(need.mesh),
      certificateChain: leaf.certPem,
      privateKey: leaf.keyPem,
    });
    return {
      secrets: [encodeResource(typeUrls.secret, certificate, []), ...(authority.caSecret ? [authority.caSecret] : [])],
      backend: need.backend,
      authority: authority.fingerprint,
      issuedAtMs: nowMs,
      expiresAtMs: leaf.notAfter.getTime(),
      renewInMs: authority.leafMs * (0.7 + 0.1 * this.#options.random()),
    };
  }

  #authority(need: Pick<IdentityNeed, "mesh" | "backend" | "given">): Promise<MeshAuthority> {
    const ofMesh = this.#authorities.get(need.mesh) ?? new Map<string, Promise<MeshAuthority>>();
    this.#authorities.set(need.mesh, ofMesh);
    const known = ofMesh.get(need.backend);
    if (known) return known;
    const secrets = this.#caSecrets.get(need.mesh) ?? new Set<string>();
    this.#caSecrets.set(need.mesh, secrets);
    const onSecret = (name: string): unknown => secrets.add(name);
    const loading = need.given
      ? loadGivenAuthority({ mesh: need.mesh, identity: need.given.identity }, onSecret, this.#options)
      : loadAuthority(this.#options.store, need, onSecret);
    ofMesh.set(need.backend, loading);
    // What cannot be loaded now may be there the next time.
    loading.catch(() => ofMesh.delete(need.backend));
    return loading;
  }
}

/** A MeshIdentity gives one id; the mesh's CA tells services and tags. */
function urisOf({ mesh, services, tags, given }: IdentityNeed): readonly string[] {
  if (given) return [given.spiffeId];
  return [...services.map((service) => serviceSpiffeId(mesh, service)), ...tags.map(([tag, value]) => tagUri(tag, value))];
}
