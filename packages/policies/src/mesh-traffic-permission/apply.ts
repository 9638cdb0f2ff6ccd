import type { Resource } from "@meridian/model";
import type { PermissionPlanInput } from "../core/inputs.ts";
import { selectsInbound } from "../core/target-ref.ts";
import type { PermissionPlan } from "../core/types.ts";
import { fromItems, fromRbac, originsOf } from "./from.ts";
import { looksAtSni, rulesRbac } from "./rules.ts";
import type { MeshTrafficPermissionSpec } from "./schema.ts";

/**
 * All MeshTrafficPermissions of the inbound together. One with `rules` switches the `from` lists of the others off: an id
 * and a set of tags cannot be ranked against each other (reference: policies-envoy.md section 9). Where clients have no tags, only
 * `rules` count, and without any nobody may come in.
 */
export function planByMeshTrafficPermission(input: PermissionPlanInput): PermissionPlan | undefined {
  const { subject, inbound, mesh, knowsIdsOnly } = input;
  const policies = (input.meshTrafficPermissions as readonly Resource<MeshTrafficPermissionSpec>[]).filter(
    (policy) => policy.mesh === mesh && selectsInbound(policy, subject, inbound),
  );
  const withRules = policies.filter(({ spec }) => (spec.rules?.length ?? 0) > 0);
  if (withRules.length > 0 || knowsIdsOnly) {
    return {
      placement: "http",
      rbac: rulesRbac(withRules),
      origins: originsOf(withRules),
      ...(looksAtSni(withRules) && { needsTlsInspector: true }),
    };
  }
  const items = fromItems(policies);
  return items.length === 0 ? undefined : { placement: "http", rbac: fromRbac(items, mesh), origins: originsOf(policies) };
}
