import { type Tags, tagNames } from "@meridian/model";
import type { BackendRef } from "../core/fragments/backend-ref.ts";
import { weightedDestinations } from "../core/route.ts";
import { refTags } from "../core/target-ref.ts";
import type { OutboundSubject, WeightedDestination } from "../core/types.ts";

/**
 * The destination that a backend names by `kuma.io/service`; undefined for references to other kinds and for references by
 * labels: those name real resources, and one that does not exist gets no traffic.
 */
export function backendTags(ref: BackendRef): Tags | undefined {
  const tags = ref.kind === "MeshService" || ref.kind === "MeshServiceSubset" ? refTags(ref) : undefined;
  return tags?.[tagNames.service] ? tags : undefined;
}

/** Without backends the requests go where the outbound leads. Empty when every backend is out of use. */
export function destinationsOf(
  refs: readonly BackendRef[] | undefined,
  outbound: OutboundSubject,
): readonly WeightedDestination[] {
  if (!refs || refs.length === 0) return [{ weight: 1, tags: outbound.tags }];
  return weightedDestinations(
    refs.flatMap((ref) => {
      const tags = backendTags(ref);
      return tags ? [{ weight: ref.weight ?? 1, tags }] : [];
    }),
  );
}

/** Backends that are named and get nothing for now. */
export function idleTags(refs: readonly BackendRef[] | undefined): readonly Tags[] {
  const idle = (refs ?? []).filter((ref) => ref.weight === 0);
  return idle.map(backendTags).filter((tags) => tags !== undefined);
}
