import { keyText, type Resource } from "@meridian/model";
import { mergeConfs } from "../merge.ts";
import { comparePolicies } from "../policy-order.ts";
import { orderRules, type PeerMatch, type RuleEntry } from "../rule-list.ts";
import { selectsInbound, type TargetRefSpec } from "../target-ref.ts";
import type { Decision } from "./hooks.ts";
import type { InboundDecisionInput } from "./targets.ts";

/** What a kind with `rules` (or `from` for all clients) wants of one inbound. */
export interface InboundConf<Conf> {
  /** For every client; absent: only some clients are named. */
  readonly all?: Conf;
  /** For some clients, most specific first. Complete: what holds for a wider match is merged in already. */
  readonly matched: readonly MatchedConf<Conf>[];
}

export interface MatchedConf<Conf> {
  readonly match: PeerMatch;
  readonly conf: Conf;
}

interface Entry<Conf> {
  readonly matches?: readonly PeerMatch[] | undefined;
  readonly default?: Conf | undefined;
}

export interface InboundSpec<Conf> extends TargetRefSpec {
  readonly rules?: readonly Entry<Conf>[] | undefined;
  /** Only entries for the whole mesh: who a client is, `rules` tell. */
  readonly from?: readonly Entry<Conf>[] | undefined;
}

/** The policies of a kind that select the inbound, weakest first. */
export function selectingInbound<Spec extends TargetRefSpec>(input: InboundDecisionInput): readonly Resource<Spec>[] {
  const { subject, inbound } = input;
  return (input.policies as readonly Resource<Spec>[])
    .filter((policy) => selectsInbound(policy, subject, inbound))
    .sort(comparePolicies);
}

/**
 * The final conf of a kind whose `rules` override each other (reference: policies-envoy.md 2.4). A policy with `rules` ignores its
 * `from`. Kinds whose rules add up (MeshFaultInjection, MeshAccessLog) use `selectingInbound` and `orderRules` themselves.
 */
export function decideInbound<Conf extends object>(input: InboundDecisionInput): Decision<InboundConf<Conf>> | undefined {
  const policies = selectingInbound<InboundSpec<Conf>>(input);
  const rules = orderRules<Conf>(policies.map(withFromAsRules));
  if (rules.length === 0) return undefined;
  const all = mergeConfs(rules.filter(({ match }) => !match).map(({ conf }) => conf));
  return {
    conf: { ...(all && { all }), matched: matchedConfs(rules, all) },
    origins: [...new Set(rules.map(({ policy }) => keyText(policy)))].sort(),
  };
}

/** One entry per distinct match, with everything that wider matches say merged under it. */
function matchedConfs<Conf extends object>(
  rules: readonly { readonly match?: PeerMatch; readonly conf: Conf }[],
  all: Conf | undefined,
): readonly MatchedConf<Conf>[] {
  const matched = new Map<string, PeerMatch>();
  for (const { match } of rules) if (match) matched.set(JSON.stringify([match.spiffeID, match.sni]), match);
  return [...matched.values()].map((match) => {
    const wider = rules.toReversed().filter((rule) => rule.match && covers(rule.match, match));
    return { match, conf: mergeConfs([...(all ? [all] : []), ...wider.map(({ conf }) => conf)]) as Conf };
  });
}

/** Whether every connection that fits `narrow` fits `wide`. */
function covers(wide: PeerMatch, narrow: PeerMatch): boolean {
  if (wide.sni && wide.sni.value !== narrow.sni?.value) return false;
  if (!wide.spiffeID) return true;
  if (!narrow.spiffeID) return false;
  const { type, value } = wide.spiffeID;
  return type === "Exact"
    ? narrow.spiffeID.type === "Exact" && narrow.spiffeID.value === value
    : narrow.spiffeID.value.startsWith(value);
}

/** Policies with `from` only, as `rules`. */
export function withFromAsRules<Conf>(
  policy: Resource<InboundSpec<Conf>>,
): Resource<TargetRefSpec & { rules: readonly RuleEntry<Conf>[] }> {
  const { rules = [], from = [], ...spec } = policy.spec;
  const entries = rules.length > 0 ? rules : from.map(({ default: conf }) => ({ default: conf }));
  return {
    ...policy,
    spec: { ...spec, rules: entries.map((entry) => ({ ...entry, default: entry.default ?? ({} as Conf) })) },
  };
}
