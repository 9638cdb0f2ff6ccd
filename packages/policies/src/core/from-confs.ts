import type { Resource, TargetRef } from "@meridian/model";
import { type FromRule, fromRules } from "./from-rules.ts";
import type { Conf } from "./merge.ts";
import { confOfItem, mergeItemConfs } from "./merge-lists.ts";
import { comparePolicies } from "./policy-order.ts";
import { refTags, type TargetRefSpec } from "./target-ref.ts";

/** One entry of a policy's `from` list. */
export interface FromEntry {
  readonly policy: Resource;
  readonly index: number;
  readonly conf: Conf;
}

/** Clients with these tags and without those, the conf that is theirs, and the entries that it was merged from, weakest first. */
export interface FromConf extends Pick<FromRule<FromEntry>, "positive" | "negative"> {
  readonly conf: Conf;
  readonly entries: readonly FromEntry[];
}

export type FromSpec = TargetRefSpec & { readonly from?: readonly { readonly targetRef: TargetRef }[] | undefined };

/** Tag values multiply with every further tag: more rules than this no one would read, and they would take long to make. */
const maxRules = 4_096;

/**
 * The disjoint `from` rules of the policies, which select the inbound already, each with its merged conf; the most specific first.
 * `"too many"` where entries name so many values of so many tags that their combinations cannot be listed: use the entries then.
 */
export function fromConfs(policies: readonly Resource<FromSpec>[]): readonly FromConf[] | "too many" {
  const items = policies.toSorted(comparePolicies).flatMap((policy) =>
    (policy.spec.from ?? []).map((item, index) => ({
      tags: refTags(item.targetRef) ?? {},
      item: { policy, index, conf: confOfItem(item) },
    })),
  );
  if (combinationCount(items.map(({ tags }) => tags)) > maxRules) return "too many";
  return fromRules(items).map(({ positive, negative, items: entries }) => ({
    positive,
    negative,
    conf: mergeItemConfs(entries.map(({ conf }) => conf)) ?? {},
    entries,
  }));
}

function combinationCount(tagSets: readonly Readonly<Record<string, string>>[]): number {
  const values = new Map<string, Set<string>>();
  for (const tags of tagSets) {
    for (const [key, value] of Object.entries(tags)) values.set(key, (values.get(key) ?? new Set()).add(value));
  }
  return [...values.values()].reduce((count, ofKey) => count * (ofKey.size + 1), 1);
}
