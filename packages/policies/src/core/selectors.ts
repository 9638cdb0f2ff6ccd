import type { Tags } from "@meridian/model";

/** Selector of a source/destination policy. The value `*` means "the tag is there", with any value. */
export interface TagSelector {
  readonly match?: Tags | undefined;
}

/** How specific a selector is (reference: resources-legacy.md 0.2). */
export interface Rank {
  readonly exact: number;
  readonly wildcard: number;
}

/** Whether every tag that `match` asks for is in `tags`. An empty `match` fits everything. */
export function fitsTags(match: Tags, tags: Tags): boolean {
  return Object.entries(match).every(([key, value]) => {
    const actual = tags[key];
    return actual !== undefined && (value === "*" || value === actual);
  });
}

export function rankOf(match: Tags): Rank {
  const values = Object.values(match);
  const wildcard = values.filter((value) => value === "*").length;
  return { exact: values.length - wildcard, wildcard };
}

export function addRanks(a: Rank, b: Rank): Rank {
  return { exact: a.exact + b.exact, wildcard: a.wildcard + b.wildcard };
}

/** Number of tags first, then the number of exact ones. Positive when `a` is the more specific one. */
export function compareRanks(a: Rank, b: Rank): number {
  return a.exact + a.wildcard - (b.exact + b.wildcard) || a.exact - b.exact;
}

/** The rank of the most specific selector that fits any of the tag sets; undefined when none fits. */
export function bestRank(selectors: readonly TagSelector[], tagSets: readonly Tags[]): Rank | undefined {
  let best: Rank | undefined;
  for (const { match = {} } of selectors) {
    if (!tagSets.some((tags) => fitsTags(match, tags))) continue;
    const rank = rankOf(match);
    if (!best || compareRanks(rank, best) > 0) best = rank;
  }
  return best;
}
