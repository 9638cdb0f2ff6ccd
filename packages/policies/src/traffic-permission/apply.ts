import { keyText, type Resource } from "@meridian/model";
import type { PermissionPlanInput } from "../core/inputs.ts";
import { selectForInbound } from "../core/legacy-selection.ts";
import { allOf, tagPrincipals } from "../core/principal.ts";
import type { PermissionPlan } from "../core/types.ts";
import type { TrafficPermissionSpec } from "./schema.ts";

/** The one TrafficPermission of the inbound; its sources are alternatives (reference: resources-legacy.md section 1). */
export function planByTrafficPermission(input: PermissionPlanInput): PermissionPlan | undefined {
  const policies = (input.trafficPermissions as readonly Resource<TrafficPermissionSpec>[]).filter(isOfMesh(input.mesh));
  const policy = selectForInbound(input.inbound.tags, policies);
  if (!policy) return undefined;
  const principals = (policy.spec.sources ?? []).map(({ match = {} }) => allOf(tagPrincipals(match, input.mesh)));
  const rules = { policies: { [policy.name]: { permissions: [{ any: true }], principals } } };
  return { placement: "network", rbac: { rules }, origins: [keyText(policy)] };
}

function isOfMesh(mesh: string): (policy: Resource) => boolean {
  return (policy) => policy.mesh === mesh;
}
