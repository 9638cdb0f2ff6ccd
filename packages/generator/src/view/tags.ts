import { compareText, type Tags, tagNames } from "@meridian/model";

/** The same tags with sorted keys: text made from them is the same however the user wrote them. */
export function sortedTags(tags: Tags): Tags {
  return Object.fromEntries(sortedEntries(tags));
}

export function sortedEntries(tags: Tags): [tag: string, value: string][] {
  return Object.entries(tags).sort(([a], [b]) => compareText(a, b));
}

export function tagsText(tags: Tags): string {
  return sortedEntries(tags)
    .map(([tag, value]) => `${tag}=${value}`)
    .join(",");
}

/** Every tag of `wanted` is there with that value. */
export function hasTags(tags: Tags, wanted: Tags): boolean {
  for (const tag in wanted) if (tags[tag] !== wanted[tag]) return false;
  return true;
}

export function withoutService(tags: Tags): Tags {
  const { [tagNames.service]: _service, ...others } = tags;
  return others;
}

/** Every tag with its distinct values over all sets; both sorted. */
export function valuesByTag(tagSets: readonly Tags[]): readonly (readonly [tag: string, values: readonly string[]])[] {
  const values = new Map<string, Set<string>>();
  for (const tags of tagSets) {
    for (const [tag, value] of Object.entries(tags)) values.set(tag, (values.get(tag) ?? new Set()).add(value));
  }
  return [...values].sort(([a], [b]) => compareText(a, b)).map(([tag, ofTag]) => [tag, [...ofTag].sort()]);
}
