import type { TargetRef } from "@meridian/model";

/** Of kinds whose `from` tells clients apart by their tags: `rules` know them by their SPIFFE ids. */
export function clientTagWarnings(from: readonly { readonly targetRef: TargetRef }[] = []): readonly string[] {
  if (from.length === 0) return [];
  const byService = from.filter(({ targetRef }) => targetRef.kind === "MeshService");
  return [
    "'from' field is deprecated and will be removed in 3.0, use 'rules' with MeshIdentity (spiffeId) instead",
    ...byService.map(
      () => "MeshService value for 'from[].targetRef.kind' is deprecated, use MeshSubset with 'kuma.io/service' instead",
    ),
  ];
}
