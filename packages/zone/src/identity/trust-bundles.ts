import { errorMessage, type Logger } from "@meridian/base";
import {
  allMeshesCaName,
  type EncodedResource,
  encodeResource,
  spiffeTrustSecret,
  type TrustBundle,
  typeUrls,
} from "@meridian/envoy";
import {
  compareText,
  enabledCaBackend,
  keyText,
  type MeshSpec,
  type MeshTrustSpec,
  type Resource,
  type ResourceKey,
} from "@meridian/model";
import { isGeneratedTrust, pemOf } from "@meridian/services";
import type { ResourceReader } from "@meridian/store";
import { certificatesIn } from "./ca-digest.ts";
import type { IdentityIssuer } from "./identity-issuer.ts";

export interface TrustBundlesOptions {
  readonly store: ResourceReader;
  readonly issuer: Pick<IdentityIssuer, "caOf">;
  readonly logger: Logger;
}

interface Bundle {
  readonly bundles: readonly TrustBundle[];
  /** Of the mesh itself: without trust domains that it only believes. */
  readonly members: readonly TrustBundle[];
  /** `keyText` of its MeshTrusts. */
  readonly origins: readonly string[];
}

/**
 * The CAs of all trust domains that each mesh believes, as the SDS secret that its proxies share: those of its MeshTrusts and, while it
 * has mTLS, its own (reference: policies-envoy.md section 19). Certificates that Envoy could not read are left out: one of them would
 * cost the proxies all the others.
 */
export class TrustBundles {
  readonly #options: TrustBundlesOptions;
  readonly #bundles = new Map<string, Promise<Bundle | undefined>>();
  /** By mesh: goes on to be believed while the mesh's CA cannot be read. */
  readonly #ownCa = new Map<string, string>();

  constructor(options: TrustBundlesOptions) {
    this.#options = options;
  }

  /** A resource changed. Returns the mesh whose bundle may be another one now. */
  changed({ kind, mesh }: ResourceKey): string | undefined {
    if (kind !== "MeshTrust") return undefined;
    this.forget(mesh);
    return mesh;
  }

  /** The CA of a mesh may be another one now. */
  forget(mesh: string): void {
    this.#bundles.delete(mesh);
  }

  /** Those of all meshes that have mTLS, each good for its own ids only: who is of none of them is left out. @throws as `get`. */
  async ofAllMeshes(): Promise<EncodedResource | undefined> {
    const meshes = await this.#options.store.list<MeshSpec>("Mesh");
    const secured = meshes.filter(({ spec }) => enabledCaBackend(spec) !== undefined);
    const found = await Promise.all(secured.map(({ name }) => this.#bundle(name)));
    const members = found.flatMap((bundle) => bundle?.members ?? []);
    const byDomain = new Map<string, readonly string[]>();
    for (const { trustDomain, pem } of members) byDomain.set(trustDomain, [...(byDomain.get(trustDomain) ?? []), pem]);
    if (byDomain.size === 0) return undefined;
    const bundles = bundlesOf(byDomain);
    return encodeResource(typeUrls.secret, spiffeTrustSecret(allMeshesCaName, bundles), []);
  }

  /**
   * Undefined: the mesh believes nobody. @throws what the store throws: then nobody knows.
   * @param name by which the proxy asks for it.
   */
  async get(mesh: string, name: string): Promise<EncodedResource | undefined> {
    const bundle = await this.#bundle(mesh);
    return bundle && encodeResource(typeUrls.secret, spiffeTrustSecret(name, bundle.bundles), bundle.origins);
  }

  #bundle(mesh: string): Promise<Bundle | undefined> {
    const known = this.#bundles.get(mesh);
    if (known) return known;
    const loading = this.#load(mesh);
    this.#bundles.set(mesh, loading);
    loading.catch(() => this.#bundles.delete(mesh));
    return loading;
  }

  async #load(mesh: string): Promise<Bundle | undefined> {
    const { store } = this.#options;
    const trusts = await store.list<MeshTrustSpec>("MeshTrust", { mesh });
    const byDomain = new Map<string, string[]>();
    const add = (domain: string, pem: string): void => {
      byDomain.set(domain, [...(byDomain.get(domain) ?? []), pem]);
    };
    const ownCa = await this.#ownCaOf(mesh);
    if (ownCa !== undefined) add(mesh, ownCa);
    for (const trust of trusts) for (const pem of this.#readable(trust)) add(trust.spec.trustDomain, pem);
    if (byDomain.size === 0) return undefined;
    const own = new Set([mesh, ...trusts.filter(isGeneratedTrust).map(({ spec }) => spec.trustDomain)]);
    const bundles = bundlesOf(byDomain);
    const members = bundles.filter(({ trustDomain }) => own.has(trustDomain));
    return { bundles, members, origins: trusts.map(keyText).sort() };
  }

  #readable({ mesh, name, spec }: Resource<MeshTrustSpec>): readonly string[] {
    return pemOf(spec).flatMap((pem, index) => {
      const certificates = certificatesIn(pem);
      if (certificates.length === 0) {
        this.#options.logger.warn({ mesh, name, index }, "a bundle of a MeshTrust holds no certificate: it is left out");
      }
      return certificates.map((certificate) => certificate.toString().trim());
    });
  }

  async #ownCaOf(mesh: string): Promise<string | undefined> {
    const { store, issuer, logger } = this.#options;
    const stored = await store.get<MeshSpec>({ kind: "Mesh", mesh: "", name: mesh });
    const backend = enabledCaBackend(stored?.spec ?? {});
    if (!backend) {
      this.#ownCa.delete(mesh);
      return undefined;
    }
    try {
      const pem = await issuer.caOf({ mesh, backend: backend.name });
      this.#ownCa.set(mesh, pem.trim());
    } catch (error) {
      logger.warn({ mesh, reason: errorMessage(error) }, "the CA of a mesh cannot be read: its proxies believe the one before");
    }
    return this.#ownCa.get(mesh);
  }
}

function bundlesOf(byDomain: ReadonlyMap<string, readonly string[]>): readonly TrustBundle[] {
  return [...byDomain]
    .sort(([a], [b]) => compareText(a, b))
    .map(([trustDomain, pems]) => ({ trustDomain, pem: [...new Set(pems)].sort(compareText).join("\n") }));
}
