import type { EncodedResource, ProxyPatch, TypeUrl } from "@meridian/envoy";

/** The part of a patch that concerns one type. */
export interface PatchPart {
  readonly changed: readonly EncodedResource[];
  readonly removed: readonly string[];
}

const partsOfPatch = new WeakMap<ProxyPatch, ReadonlyMap<TypeUrl, PatchPart>>();

/** A patch by type; worked out once per patch, since many proxies share it. */
export function patchParts(patch: ProxyPatch): ReadonlyMap<TypeUrl, PatchPart> {
  const known = partsOfPatch.get(patch);
  if (known) return known;
  const parts = new Map<TypeUrl, { changed: EncodedResource[]; removed: string[] }>();
  const partOf = (typeUrl: TypeUrl): { changed: EncodedResource[]; removed: string[] } => {
    const part = parts.get(typeUrl) ?? { changed: [], removed: [] };
    parts.set(typeUrl, part);
    return part;
  };
  for (const resource of patch.changed) partOf(resource.typeUrl).changed.push(resource);
  for (const { typeUrl, name } of patch.removed) partOf(typeUrl).removed.push(name);
  partsOfPatch.set(patch, parts);
  return parts;
}
