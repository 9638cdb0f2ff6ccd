import type { TargetRefKind } from "@meridian/model";

/** Sets of kinds that several policies share, by the names of resources.md section 7. */
export const topLevelKinds: readonly TargetRefKind[] = [
  "Mesh",
  "MeshSubset",
  "MeshGateway",
  "MeshService",
  "MeshServiceSubset",
  "Dataplane",
];
/** Top-level references of policies that can also attach to a route. */
export const topLevelKindsWithRoute: readonly TargetRefKind[] = [...topLevelKinds, "MeshHTTPRoute"];
/** Where traffic can go to. */
export const destinationKinds: readonly TargetRefKind[] = ["Mesh", "MeshService", "MeshExternalService", "MeshMultiZoneService"];
export const destinationKindsWithRoute: readonly TargetRefKind[] = [...destinationKinds, "MeshHTTPRoute"];
