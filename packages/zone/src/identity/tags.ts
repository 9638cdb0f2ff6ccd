import type { DataplaneSpec, Tags } from "@meridian/model";

/** Every tag of a data plane with all of its values, over all inbounds and the gateway. */
export function allTags(spec: DataplaneSpec): ReadonlyMap<string, ReadonlySet<string>> {
  const result = new Map<string, Set<string>>();
  const { inbound = [], gateway } = spec.networking ?? {};
  const tagSets: readonly (Tags | undefined)[] = [...inbound.map((one) => one.tags), gateway?.tags];
  for (const tags of tagSets) {
    for (const [tag, value] of Object.entries(tags ?? {})) {
      const values = result.get(tag) ?? new Set();
      result.set(tag, values.add(value));
    }
  }
  return result;
}
