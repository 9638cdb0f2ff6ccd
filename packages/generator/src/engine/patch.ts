import {
  type EncodedResource,
  type ProxyPatch,
  type ProxyResources,
  type ResourceName,
  type TypeUrl,
  typeUrls,
} from "@meridian/envoy";

export type TypeResources = ReadonlyMap<string, EncodedResource>;
const none: TypeResources = new Map();
const typeOrder: readonly TypeUrl[] = Object.values(typeUrls);

/** What leads from one config to another. Equal bytes are no difference, whatever their origins: Envoy never sees those. */
export function diffResources(before: ProxyResources, after: ProxyResources): ProxyPatch {
  return joinPatches(typeOrder.map((typeUrl) => diffType(before.get(typeUrl) ?? none, after.get(typeUrl) ?? none)));
}

export function diffType(before: TypeResources, after: TypeResources): ProxyPatch {
  const changed: EncodedResource[] = [];
  const removed: ResourceName[] = [];
  for (const [name, resource] of after) if (before.get(name)?.version !== resource.version) changed.push(resource);
  for (const [name, { typeUrl }] of before) if (!after.has(name)) removed.push({ typeUrl, name });
  return { changed, removed };
}

export function joinPatches(patches: readonly ProxyPatch[]): ProxyPatch {
  return { changed: patches.flatMap(({ changed }) => changed), removed: patches.flatMap(({ removed }) => removed) };
}

export function isEmpty({ changed, removed }: ProxyPatch): boolean {
  return changed.length === 0 && removed.length === 0;
}

/** Sums up; types that only one side has are shared, not copied. */
export function joinResources(a: ProxyResources, b: ProxyResources): ProxyResources {
  const joined = new Map<TypeUrl, TypeResources>(a);
  for (const [typeUrl, ofType] of b) {
    const other = joined.get(typeUrl);
    joined.set(typeUrl, other ? new Map([...other, ...ofType]) : ofType);
  }
  return joined;
}

/** Gives one object for equal patches of one step: the transport encodes a response once per patch object. */
export class PatchInterner {
  readonly #patches = new Map<string, ProxyPatch>();

  /** Each distinct one once. */
  get patches(): Iterable<ProxyPatch> {
    return this.#patches.values();
  }

  intern(patch: ProxyPatch): ProxyPatch {
    const changed = patch.changed.map(({ typeUrl, name, version, origins }) => [typeUrl, name, version, ...origins].join("\n"));
    const removed = patch.removed.map(({ typeUrl, name }) => `${typeUrl}\n${name}`);
    const key = [...changed.sort(), "", ...removed.sort()].join("\n\n");
    const known = this.#patches.get(key);
    if (known) return known;
    this.#patches.set(key, patch);
    return patch;
  }
}
