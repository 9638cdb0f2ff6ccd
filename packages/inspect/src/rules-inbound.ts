import type { Resource } from "@meridian/model";
import { type Conf, confOfItem, type FromConf, fromConfs, mergeItemConfs, orderRules, type PeerMatch } from "@meridian/policies";
import type { Policy } from "./to-policies.ts";

/** A conf for connections that fit `match`; absent: for all of them. */
export interface InboundRule {
  readonly conf: Conf;
  readonly match?: PeerMatch;
  /** The entries that it was merged from, weakest first. */
  readonly origin: readonly { readonly policy: Resource; readonly index: number }[];
}

/** Kinds whose rules act side by side: none overrides another, so none are merged. */
const additiveKinds: ReadonlySet<string> = new Set(["MeshTrafficPermission", "MeshFaultInjection", "MeshAccessLog"]);

interface Entry {
  readonly conf: Conf;
  readonly index: number;
}

/**
 * `rules` of one kind for one inbound that the policies select, most specific match first (reference: policies-envoy.md 2.4).
 * @param isFromAsRules a policy without `rules` brings its `from` entries, which name the whole mesh.
 */
export function inboundRules(policies: readonly Policy[], isFromAsRules: boolean): readonly InboundRule[] {
  const ordered = orderRules<Entry>(policies.map((policy) => withEntries(policy, isFromAsRules)));
  const rules = ordered.map(({ policy, match, conf: { conf, index } }) => ({
    conf,
    ...(match && { match }),
    origin: [{ policy: policies.find(({ name }) => name === policy.name) ?? policy, index }],
  }));
  const [first] = policies;
  if (!first || additiveKinds.has(first.kind)) return rules;
  const forAll = rules.filter(({ match }) => !match);
  const conf = mergeItemConfs(forAll.map((rule) => rule.conf));
  return [...rules.filter(({ match }) => match), ...(conf ? [{ conf, origin: forAll.flatMap(({ origin }) => origin) }] : [])];
}

/** `from` entries of the policies that have no `rules`. */
export function fromRulesOf(policies: readonly Policy[]): readonly FromConf[] | "too many" {
  return fromConfs(policies.filter(({ spec }) => !spec.rules?.length));
}

function withEntries(policy: Policy, isFromAsRules: boolean) {
  const { rules = [], from = [] } = policy.spec;
  const entries = rules.length > 0 || !isFromAsRules ? rules : from;
  const rule = (entry: object, index: number) => ({
    ...("matches" in entry && { matches: entry.matches as readonly PeerMatch[] }),
    default: { conf: confOfItem(entry), index },
  });
  return { ...policy, spec: { ...policy.spec, rules: entries.map(rule) } };
}
