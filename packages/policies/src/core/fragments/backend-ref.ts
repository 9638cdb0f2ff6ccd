import { at, type SpecOf, targetRefSchema, type Violation } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { validateTargetRef } from "../validate-target-ref.ts";

/** Where a route sends requests or connections, and what share of them. */
export const backendRefSchema = Type.Composite([
  targetRefSchema,
  Type.Object({
    weight: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 4_294_967_295, default: 1, description: "Share of the traffic. Default 1." }),
    ),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: "Port of a real service." })),
  }),
]);
export type BackendRef = SpecOf<typeof backendRefSchema>;

const kinds = ["MeshService", "MeshServiceSubset", "MeshExternalService", "MeshMultiZoneService"] as const;

export function validateBackendRefs(path: string, refs: readonly BackendRef[]): readonly Violation[] {
  return refs.flatMap((ref, index): readonly Violation[] => {
    const needsPort = ref.kind === "MeshMultiZoneService" && ref.port === undefined;
    const port = { path: `${at(path, index)}.port`, message: "must be defined with kind MeshMultiZoneService" };
    return [...validateTargetRef(at(path, index), ref, { kinds }), ...(needsPort ? [port] : [])];
  });
}
