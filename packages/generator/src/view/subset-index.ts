import { type Tags, tagNames } from "@meridian/model";
import { tagsText, withoutService } from "./tags.ts";

/**
 * Which subsets of which services the routes of one mesh ask for, counted by how many policies ask. "*" as service stands for
 * every service (a route that only adds tags).
 */
export class SubsetIndex {
  readonly #ofPolicy = new Map<string, readonly Tags[]>();
  readonly #byService = new Map<string, Map<string, { readonly tags: Tags; count: number }>>();

  /** Replaces what one policy asks for; none deletes it. Returns the services whose subsets may differ now. */
  set(policy: string, asked: readonly Tags[]): ReadonlySet<string> {
    const tagSets = asked.filter(isExactSubset);
    const touched = new Set<string>();
    for (const tags of this.#ofPolicy.get(policy) ?? []) touched.add(this.#count(tags, -1));
    for (const tags of tagSets) touched.add(this.#count(tags, 1));
    if (tagSets.length > 0) this.#ofPolicy.set(policy, tagSets);
    else this.#ofPolicy.delete(policy);
    return touched;
  }

  /** Sorted by their text, each once. */
  of(service: string): readonly Tags[] {
    const own = new Map<string, Tags>();
    for (const source of ["*", service]) {
      for (const { tags } of this.#byService.get(source)?.values() ?? []) {
        const completed = { ...tags, [tagNames.service]: service };
        own.set(tagsText(completed), completed);
      }
    }
    return [...own].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, tags]) => tags);
  }

  #count(tags: Tags, step: 1 | -1): string {
    const service = tags[tagNames.service] ?? "*";
    const subsets = this.#byService.get(service) ?? new Map<string, { readonly tags: Tags; count: number }>();
    this.#byService.set(service, subsets);
    const text = tagsText(tags);
    const entry = subsets.get(text) ?? { tags, count: 0 };
    entry.count += step;
    if (entry.count > 0) subsets.set(text, entry);
    else subsets.delete(text);
    if (subsets.size === 0) this.#byService.delete(service);
    return service;
  }
}

/** A wildcard in an SNI would make Envoy refuse the whole listener; no client asks for one. */
function isExactSubset(tags: Tags): boolean {
  const values = Object.values(withoutService(tags));
  return values.length > 0 && !values.some((value) => value.includes("*"));
}
