import {
  compareText,
  type ExternalServiceSpec,
  type Resource,
  type Tags,
  tagNames,
  type VirtualOutboundSpec,
} from "@meridian/model";
import { claimText, externalClaims, type NameClaim, type NameSettings, serviceClaims } from "./claim.ts";
import { type NameEntry, nameEntry } from "./entry.ts";
import { claimOf, readVirtualOutbound, type VirtualOutbound } from "./virtual-outbound.ts";

interface TagSet {
  readonly tags: Tags;
  /** How often sources have it. */
  count: number;
  claims: readonly NameClaim[];
}

interface Counted {
  readonly claim: NameClaim;
  count: number;
}

/**
 * Which host names one mesh has, and where they lead: made of the tags of whoever offers services there, its ExternalServices and its
 * VirtualOutbounds. A source that comes with tags that are known costs one look-up; a VirtualOutbound looks at all distinct tags.
 */
export class NameClaims {
  readonly #settings: NameSettings;
  readonly #onHost: (host: string) => void;
  readonly #virtualOutbounds = new Map<string, VirtualOutbound>();
  /** By source; texts of tag sets. */
  readonly #sources = new Map<string, readonly string[]>();
  readonly #tagSets = new Map<string, TagSet>();
  /** By name. */
  readonly #externals = new Map<string, { readonly spec: ExternalServiceSpec; readonly claims: readonly NameClaim[] }>();
  /** Of gateways of other meshes, by MeshGateway. */
  readonly #gateways = new Map<string, readonly NameClaim[]>();
  /** By host, then by text. */
  readonly #claims = new Map<string, Map<string, Counted>>();

  /** @param onHost a name may mean something else now. */
  constructor(settings: NameSettings, onHost: (host: string) => void) {
    this.#settings = settings;
    this.#onHost = onHost;
  }

  get isEmpty(): boolean {
    return this.#sources.size + this.#externals.size + this.#virtualOutbounds.size + this.#gateways.size === 0;
  }

  /** Undefined: nobody is called so. */
  entryOf(host: string): NameEntry | undefined {
    return nameEntry(
      host,
      [...(this.#claims.get(host)?.values() ?? [])].map(({ claim }) => claim),
    );
  }

  /** @param source who offers these, such as a data plane; tags without a service name nobody. Empty: it is gone. */
  setSource(source: string, tagSets: readonly Tags[]): void {
    const before = this.#sources.get(source) ?? [];
    const sets = new Map(tagSets.filter((tags) => tags[tagNames.service]).map((tags) => [tagsText(tags), tags]));
    const after = [...sets.keys()];
    if (before.length === after.length && before.every((text) => sets.has(text))) return;
    // What stays is never let go in between.
    for (const [text, tags] of sets) this.#addTags(text, tags);
    for (const text of before) this.#dropTags(text);
    if (after.length > 0) this.#sources.set(source, after);
    else this.#sources.delete(source);
  }

  setExternal(name: string, spec: ExternalServiceSpec | undefined): void {
    const before = this.#externals.get(name)?.claims ?? [];
    const claims = spec ? this.#claimsOfExternal(spec) : [];
    this.#replace(before, claims);
    if (spec) this.#externals.set(name, { spec, claims });
    else this.#externals.delete(name);
  }

  /** @param claims of a MeshGateway of another mesh; none: it is gone. */
  setGateway(key: string, claims: readonly NameClaim[]): void {
    this.#replace(this.#gateways.get(key) ?? [], claims);
    if (claims.length > 0) this.#gateways.set(key, claims);
    else this.#gateways.delete(key);
  }

  setVirtualOutbound(name: string, resource: Resource<VirtualOutboundSpec> | undefined): void {
    if (resource) this.#virtualOutbounds.set(name, readVirtualOutbound(resource));
    else if (!this.#virtualOutbounds.delete(name)) return;
    for (const tagSet of this.#tagSets.values()) {
      const { claims, tags } = tagSet;
      tagSet.claims = this.#claimsOfTags(tags);
      this.#replace(claims, tagSet.claims);
    }
    for (const [external, { spec }] of [...this.#externals]) this.setExternal(external, spec);
  }

  #addTags(text: string, tags: Tags): void {
    const known = this.#tagSets.get(text);
    if (known) {
      known.count += 1;
      return;
    }
    const claims = this.#claimsOfTags(tags);
    this.#tagSets.set(text, { tags, count: 1, claims });
    this.#replace([], claims);
  }

  #dropTags(text: string): void {
    const known = this.#tagSets.get(text);
    if (!known) return;
    known.count -= 1;
    if (known.count > 0) return;
    this.#tagSets.delete(text);
    this.#replace(known.claims, []);
  }

  #claimsOfTags(tags: Tags): readonly NameClaim[] {
    return [...serviceClaims(tags[tagNames.service] ?? "", this.#settings), ...this.#virtualClaims(tags)];
  }

  /** VirtualOutbounds see only the service of what is outside of the mesh (reference: resources-legacy.md section 12). */
  #claimsOfExternal(spec: ExternalServiceSpec): readonly NameClaim[] {
    const service = spec.tags[tagNames.service];
    return [...externalClaims(spec, this.#settings), ...(service ? this.#virtualClaims({ [tagNames.service]: service }) : [])];
  }

  #virtualClaims(tags: Tags): readonly NameClaim[] {
    return [...this.#virtualOutbounds.values()].map((each) => claimOf(each, tags)).filter((claim) => claim !== undefined);
  }

  #replace(before: readonly NameClaim[], after: readonly NameClaim[]): void {
    for (const claim of after) this.#count(claim, 1);
    for (const claim of before) this.#count(claim, -1);
  }

  #count(claim: NameClaim, step: 1 | -1): void {
    const { host } = claim;
    const ofHost = this.#claims.get(host) ?? new Map<string, Counted>();
    this.#claims.set(host, ofHost);
    const text = claimText(claim);
    const counted = ofHost.get(text) ?? { claim, count: 0 };
    counted.count += step;
    if (counted.count === 0) ofHost.delete(text);
    else ofHost.set(text, counted);
    if (ofHost.size === 0) this.#claims.delete(host);
    if (counted.count === (step === 1 ? 1 : 0)) this.#onHost(host);
  }
}

function tagsText(tags: Tags): string {
  return JSON.stringify(Object.entries(tags).sort(([a], [b]) => compareText(a, b)));
}
