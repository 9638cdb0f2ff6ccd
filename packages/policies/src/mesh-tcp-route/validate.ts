import { at, type Violation } from "@meridian/model";
import { validateBackendRefs } from "../core/fragments/backend-ref.ts";
import { validateTopLevelRef } from "../core/fragments/target-items.ts";
import { topLevelKinds } from "../core/fragments/target-kinds.ts";
import { topLevelRef } from "../core/target-ref.ts";
import { validateTargetRef } from "../core/validate-target-ref.ts";
import type { MeshTcpRouteSpec } from "./schema.ts";

type RouteTo = NonNullable<MeshTcpRouteSpec["to"]>[number];

/** Paths and texts: resources.md sections 6 and 7. */
export function validateMeshTcpRoute(spec: MeshTcpRouteSpec): readonly Violation[] {
  const onGateway = topLevelRef(spec).kind === "MeshGateway";
  const kinds = onGateway ? (["Mesh"] as const) : (["MeshService", "MeshExternalService", "MeshMultiZoneService"] as const);
  return [
    ...validateTopLevelRef(spec, topLevelKinds),
    ...(spec.to ?? []).flatMap((to, index) => [
      ...validateTargetRef(`${at("spec.to", index)}.targetRef`, to.targetRef, { kinds }),
      ...validateRules(`${at("spec.to", index)}.rules`, to),
    ]),
  ];
}

function validateRules(path: string, { rules }: RouteTo): readonly Violation[] {
  return rules.flatMap((rule, index) => {
    const where = `${at(path, index)}.default.backendRefs`;
    const refs = rule.default.backendRefs ?? [];
    return refs.length > 0 ? validateBackendRefs(where, refs) : [{ path: where, message: "must be defined" }];
  });
}
