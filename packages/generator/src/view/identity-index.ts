import { canonicalJson, compareText, keyText, type MeshIdentitySpec, type MeshTrustSpec, type Resource } from "@meridian/model";
import { isGeneratedTrust, isReady, type MeshIdentity, type MeshIdentityStatus, readMeshIdentity } from "@meridian/services";
import { viewKeys } from "./keys.ts";

/** Whom the proxies of a mesh believe beside its own CA. */
export interface TrustFacts {
  /** Trust domains that some MeshTrust speaks for; sorted. */
  readonly domains: readonly string[];
  /** Those of them whose ids proxies of the mesh have; sorted. */
  readonly own: readonly string[];
  /** `keyText` of the MeshTrusts, sorted. */
  readonly origins: readonly string[];
}

/** One that proxies may not show yet. */
export interface WaitingIdentity {
  readonly identity: MeshIdentity;
  /** Why not; "" while nobody has looked at it. */
  readonly problem: string;
}

interface KnownIdentity {
  readonly identity: MeshIdentity;
  /** Tells what configs depend on. */
  readonly text: string;
  /** Undefined: proxies may show it. */
  readonly problem: string | undefined;
}

const nobody: TrustFacts = { domains: [], own: [], origins: [] };

/** The MeshIdentities and MeshTrusts of one mesh, as far as configs depend on them: certificates are none of a config's business. */
export class IdentityIndex {
  readonly #mesh: string;
  readonly #zone: string;
  readonly #identities = new Map<string, KnownIdentity>();
  readonly #trusts = new Map<string, { readonly domain: string; readonly isOwn: boolean }>();
  #ready: readonly MeshIdentity[] = [];
  #waiting: readonly WaitingIdentity[] = [];
  #trust = nobody;

  constructor(mesh: string, zone: string) {
    this.#mesh = mesh;
    this.#zone = zone;
  }

  /** Those that proxies may show; sorted by key. */
  get ready(): readonly MeshIdentity[] {
    return this.#ready;
  }

  /** Sorted by key. */
  get waiting(): readonly WaitingIdentity[] {
    return this.#waiting;
  }

  get trust(): TrustFacts {
    return this.#trust;
  }

  put(resource: Resource, touched: Set<string>): void {
    if (resource.kind === "MeshTrust") this.#putTrust(resource as Resource<MeshTrustSpec>, touched);
    else if (resource.kind === "MeshIdentity") this.#putIdentity(resource as Resource<MeshIdentitySpec>, touched);
  }

  delete(key: string, touched: Set<string>): void {
    if (this.#identities.delete(key)) this.#identitiesChanged(touched);
    if (this.#trusts.delete(key)) this.#trustChanged(touched);
  }

  #putIdentity(resource: Resource<MeshIdentitySpec>, touched: Set<string>): void {
    const key = keyText(resource);
    const problem = problemOf(resource);
    const text = canonicalJson([resource.labels, resource.spec, problem ?? true]);
    if (this.#identities.get(key)?.text === text) return;
    this.#identities.set(key, { identity: readMeshIdentity(resource, this.#zone), text, problem });
    this.#identitiesChanged(touched);
  }

  #putTrust(resource: Resource<MeshTrustSpec>, touched: Set<string>): void {
    this.#trusts.set(keyText(resource), { domain: resource.spec.trustDomain, isOwn: isGeneratedTrust(resource) });
    this.#trustChanged(touched);
  }

  #identitiesChanged(touched: Set<string>): void {
    const sorted = [...this.#identities].sort(([a], [b]) => compareText(a, b));
    this.#ready = sorted.flatMap(([, { identity, problem }]) => (problem === undefined ? [identity] : []));
    this.#waiting = sorted.flatMap(([, { identity, problem }]) => (problem === undefined ? [] : [{ identity, problem }]));
    touched.add(viewKeys.identities(this.#mesh));
    this.#trustChanged(touched);
  }

  /** A trust domain is the mesh's own, too, where a MeshIdentity of it names its CA itself. */
  #trustChanged(touched: Set<string>): void {
    const given = [...this.#identities.values()].flatMap(({ identity }) =>
      "ok" in identity.trustDomain ? [identity.trustDomain.ok] : [],
    );
    const domains = sortedSet([...this.#trusts.values()].map(({ domain }) => domain));
    const ofTrusts = [...this.#trusts.values()].filter(({ isOwn }) => isOwn).map(({ domain }) => domain);
    const own = sortedSet([...ofTrusts, ...given]).filter((domain) => domains.includes(domain));
    const trust = { domains, own, origins: [...this.#trusts.keys()].sort(compareText) };
    if (canonicalJson(trust) === canonicalJson(this.#trust)) return;
    this.#trust = trust;
    touched.add(viewKeys.trust(this.#mesh));
  }
}

/** The first thing that is wrong; "" where a zone has not said anything yet; undefined when it is in use. */
function problemOf(resource: Resource<MeshIdentitySpec>): string | undefined {
  if (isReady(resource)) return undefined;
  const { conditions = [] } = (resource.status ?? {}) as Partial<MeshIdentityStatus>;
  return conditions.find(({ status }) => status === "False")?.message ?? "";
}

function sortedSet(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort(compareText);
}
