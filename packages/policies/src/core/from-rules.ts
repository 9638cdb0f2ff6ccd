import { compareText, type Tags } from "@meridian/model";
import { fitsTags } from "./selectors.ts";

/** One entry of a `from` list: clients with these tags. Weakest entry first. */
export interface FromItem<Item> {
  readonly tags: Tags;
  readonly item: Item;
}

/** Clients that have every positive tag and none of the negative ones, and the entries that concern them, weakest first. */
export interface FromRule<Item> {
  readonly positive: Tags;
  readonly negative: Readonly<Record<string, readonly string[]>>;
  readonly items: readonly Item[];
}

/**
 * Cuts overlapping sets of clients into disjoint rules, the most specific first (reference: policies-envoy.md 2.3). Entries that
 * can meet in one client form a group; within it, every key is either one of the values that occur or none of them. Groups are
 * connected components: the peer's cliques give rules that overlap, so that the union of what they allow is too large.
 */
export function fromRules<Item>(items: readonly FromItem<Item>[]): readonly FromRule<Item>[] {
  return groupsOf(items)
    .flatMap(rulesOfGroup)
    .sort((a, b) => Object.keys(b.positive).length - Object.keys(a.positive).length);
}

/** Whether a client belongs to a rule. */
export function fitsRule(rule: FromRule<unknown>, client: Tags): boolean {
  if (!fitsTags(rule.positive, client)) return false;
  return Object.entries(rule.negative).every(([key, values]) => {
    const value = client[key];
    return value === undefined || !values.includes(value);
  });
}

/** Whether one value per tag can fit both tag sets. */
export function canMeet(a: Tags, b: Tags): boolean {
  return Object.entries(a).every(([key, value]) => {
    const other = b[key];
    return other === undefined || other === value || value === "*" || other === "*";
  });
}

function groupsOf<Item>(items: readonly FromItem<Item>[]): readonly (readonly FromItem<Item>[])[] {
  const groups: FromItem<Item>[][] = [];
  for (const item of items) {
    const touched = groups.filter((group) => group.some((other) => canMeet(item.tags, other.tags)));
    for (const group of touched) groups.splice(groups.indexOf(group), 1);
    const members = new Set([...touched.flat(), item]);
    groups.push(items.filter((other) => members.has(other)));
  }
  return groups;
}

function rulesOfGroup<Item>(group: readonly FromItem<Item>[]): readonly FromRule<Item>[] {
  const keys = [...new Set(group.flatMap(({ tags }) => Object.keys(tags)))].sort(compareText);
  const valuesOf = new Map(
    keys.map((key) => {
      const values = group.map(({ tags }) => tags[key]).filter((value) => value !== undefined);
      return [key, [...new Set(values)].sort(compareText)] as const;
    }),
  );
  return combinations(keys, valuesOf)
    .map((positive) => ({
      positive,
      negative: Object.fromEntries(keys.filter((key) => !(key in positive)).map((key) => [key, valuesOf.get(key) ?? []])),
      items: group.filter(({ tags }) => fitsTags(tags, positive)).map(({ item }) => item),
    }))
    .filter(({ items }) => items.length > 0);
}

/** Every choice of one value or none for each key. */
function combinations(keys: readonly string[], valuesOf: ReadonlyMap<string, readonly string[]>): readonly Tags[] {
  return keys.reduce<readonly Tags[]>(
    (partial, key) => partial.flatMap((tags) => [...(valuesOf.get(key) ?? []).map((value) => ({ ...tags, [key]: value })), tags]),
    [{}],
  );
}
