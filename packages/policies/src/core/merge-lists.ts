import { canonicalJson } from "@meridian/model";
import { type Conf, mergeConfs, mergeKeyedLists } from "./merge.ts";

/**
 * What an entry of `to`, `from` or `rules` wants, as one conf: its `default`; for the entries of routes, which have rules instead,
 * everything but the reference.
 */
export function confOfItem(item: object): Conf {
  const { default: conf, targetRef: _ref, matches: _matches, ...rest } = item as Readonly<Record<string, unknown>>;
  return (conf ?? rest) as Conf;
}

/**
 * Merges the confs of entries of any kind, weakest first: `mergeConfs`, but the `rules` of routes are a list with a key: rules with
 * equal `matches` become one, the strongest policy's rules come first (reference: policies-envoy.md 2.5). Undefined for an empty list.
 */
export function mergeItemConfs(confs: readonly Conf[]): Conf | undefined {
  const merged = mergeConfs(confs);
  const lists = confs.map(({ rules }) => rules).filter((rules) => Array.isArray(rules)) as (readonly Rule[])[];
  if (!merged || lists.length === 0) return merged;
  return { ...merged, rules: mergeKeyedLists(lists, ({ matches }) => canonicalJson(matches ?? []), mergeRules) };
}

interface Rule {
  readonly matches?: unknown;
  readonly default?: Conf;
}

function mergeRules(rules: readonly Rule[]): Rule {
  const confs = rules.map((rule) => rule.default ?? {});
  return { ...rules.at(-1), default: mergeConfs(confs) ?? {} };
}
