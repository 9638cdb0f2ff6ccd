import { compareText, type Resource, type Tags, tagNames } from "@meridian/model";
import { addRanks, bestRank, compareRanks, type Rank, rankOf, type TagSelector } from "./selectors.ts";
import type { ProxySubject } from "./types.ts";

/** What all source/destination policies have in common. */
export interface SourceDestinationSpec {
  readonly sources?: readonly TagSelector[] | undefined;
  readonly destinations?: readonly TagSelector[] | undefined;
}

/**
 * Procedure OUT (reference: resources-legacy.md 0.3): the one policy for traffic from the proxy to a service. Source and
 * destination ranks add up; nothing is merged.
 */
export function selectForService<Spec extends SourceDestinationSpec>(
  subject: ProxySubject,
  service: string,
  policies: readonly Resource<Spec>[],
): Resource<Spec> | undefined {
  const destination: readonly Tags[] = [{ [tagNames.service]: service }];
  return selectBest(policies, ({ mesh, spec }) => {
    if (mesh !== subject.mesh) return undefined;
    const destinationRank = bestRank(spec.destinations ?? [], destination);
    const sourceRank = destinationRank && bestRank(spec.sources ?? [], subject.tagSets);
    return destinationRank && sourceRank && addRanks(destinationRank, sourceRank);
  });
}

/** Procedure IN-ONE: the one policy of an inbound. Sources play no part in choosing; they become the policy's content. */
export function selectForInbound<Spec extends SourceDestinationSpec>(
  inboundTags: Tags,
  policies: readonly Resource<Spec>[],
): Resource<Spec> | undefined {
  return selectBest(policies, ({ spec }) => bestRank(spec.destinations ?? [], [inboundTags]));
}

/**
 * Procedure IN-ALL: every policy of an inbound, each once; the most specific first source first, then the later created, then the
 * smaller name (RateLimit, FaultInjection: several act side by side).
 */
export function selectAllForInbound<Spec extends SourceDestinationSpec>(
  inboundTags: Tags,
  policies: readonly Resource<Spec>[],
): readonly Resource<Spec>[] {
  const firstRank = ({ spec }: Resource<Spec>) => rankOf(spec.sources?.[0]?.match ?? {});
  return policies
    .filter(({ spec }) => bestRank(spec.destinations ?? [], [inboundTags]))
    .sort((a, b) => compareRanks(firstRank(b), firstRank(a)) || (winsTie(a, b) ? -1 : 1));
}

/**
 * Procedure DP: the one policy with `selectors` for a proxy (TrafficTrace, ProxyTemplate, MeshGateway). Without selectors a policy
 * fits every proxy, and loses to any other that fits.
 */
export function selectForProxy<Spec extends { readonly selectors?: readonly TagSelector[] | undefined }>(
  tagSets: readonly Tags[],
  policies: readonly Resource<Spec>[],
): Resource<Spec> | undefined {
  return selectBest(policies, ({ spec }) => {
    const { selectors = [] } = spec;
    return selectors.length === 0 ? { exact: 0, wildcard: 0 } : bestRank(selectors, tagSets);
  });
}

/**
 * Whether `a` wins over `b` at equal rank: the later created one, then the smaller name. Peer: a list sorted by name, in which a
 * later candidate must be strictly younger.
 */
export function winsTie(a: Resource, b: Resource): boolean {
  const ageMs = Date.parse(a.creationTime) - Date.parse(b.creationTime);
  return ageMs > 0 || (!(ageMs < 0) && compareText(a.name, b.name) < 0);
}

function selectBest<Spec>(
  policies: readonly Resource<Spec>[],
  rank: (policy: Resource<Spec>) => Rank | undefined,
): Resource<Spec> | undefined {
  let best: { readonly policy: Resource<Spec>; readonly rank: Rank } | undefined;
  for (const policy of policies) {
    const candidate = rank(policy);
    if (!candidate) continue;
    const order = best ? compareRanks(candidate, best.rank) : 1;
    if (!best || order > 0 || (order === 0 && winsTie(policy, best.policy))) best = { policy, rank: candidate };
  }
  return best?.policy;
}
