import type { Resource } from "@meridian/model";
import { comparePolicies } from "./policy-order.ts";
import type { TargetRefSpec } from "./target-ref.ts";

/** What a rule, or an entry of a permission, demands of the peer of a connection. */
export interface PeerMatch {
  readonly spiffeID?: { readonly type: "Exact" | "Prefix"; readonly value: string } | undefined;
  readonly sni?: { readonly type: "Exact"; readonly value: string } | undefined;
}

/** One entry of a `rules` list. */
export interface RuleEntry<Conf> {
  readonly matches?: readonly PeerMatch[] | undefined;
  readonly default: Conf;
}

/** A conf for connections that fit `match`; absent: for all of them. */
export interface OrderedRule<Conf> {
  readonly policy: Resource;
  readonly match?: PeerMatch;
  readonly conf: Conf;
}

/**
 * Every rule of the policies, one for each match, the most specific match first: with a SPIFFE id, exact before prefix, then with
 * an SNI, those without a match last; equally specific ones weakest policy first (reference: policies-envoy.md 2.4).
 */
export function orderRules<Conf>(
  policies: readonly Resource<TargetRefSpec & { readonly rules?: readonly RuleEntry<Conf>[] | undefined }>[],
): readonly OrderedRule<Conf>[] {
  return policies
    .toSorted(comparePolicies)
    .flatMap((policy) =>
      (policy.spec.rules ?? []).flatMap(({ matches = [], default: conf }): readonly OrderedRule<Conf>[] =>
        matches.length === 0 ? [{ policy, conf }] : matches.map((match) => ({ policy, match, conf })),
      ),
    )
    .sort((a, b) => specificity(b.match) - specificity(a.match));
}

function specificity(match: PeerMatch | undefined): number {
  const spiffe = match?.spiffeID ? (match.spiffeID.type === "Exact" ? 4 : 2) : 0;
  return spiffe + (match?.sni ? 1 : 0);
}
