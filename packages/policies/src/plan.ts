import type { Resource, Tags } from "@meridian/model";
import type { OutboundPlanInput, PermissionPlanInput, PolicyReach } from "./core/inputs.ts";
import type { ListenerPlan, ListenerPlanInput } from "./core/listeners/types.ts";
import { membersOnly } from "./core/principal.ts";
import { catchAllEntry, ownDestination } from "./core/route.ts";
import { type TargetRefSpec, topLevelRef } from "./core/target-ref.ts";
import type { PermissionPlan, RoutePlan } from "./core/types.ts";
import { policies } from "./policies.ts";

/**
 * The routes of one outbound. The policy kind of the highest order that has something to say decides; where none has, traffic goes
 * where the outbound's tags lead. `"cut"`: the mesh has TrafficRoutes and none fits, so the listener passes nothing.
 */
export function planOutbound(input: OutboundPlanInput): RoutePlan | "cut" {
  for (const { apply } of policies.toReversed()) {
    const plan = apply.planOutbound?.(input);
    if (plan) return plan;
  }
  return { entries: [catchAllEntry([{ weight: 1, ...ownDestination(input.outbound) }])], cluster: {}, origins: [] };
}

/**
 * The routes of one listener of a builtin gateway: those of the kind of the highest order that has some, so that a route of the targetRef
 * generation takes the place of all MeshGatewayRoutes of the listener.
 */
export function planListener(input: ListenerPlanInput): ListenerPlan {
  for (const { apply } of policies.toReversed()) {
    const plan = apply.planListener?.(input);
    if (plan) return plan;
  }
  return { rules: [], connections: [], idle: [], origins: [], notes: [] };
}

/** Who may talk to one inbound, for meshes with mTLS. Nobody where no policy permits it. */
export function planPermission(input: PermissionPlanInput): PermissionPlan {
  for (const { apply } of policies.toReversed()) {
    const plan = apply.planPermission?.(input);
    if (plan) return input.memberPrefixes ? { ...plan, rbac: membersOnly(plan.rbac, input.memberPrefixes) } : plan;
  }
  return { placement: "http", rbac: { rules: {} }, origins: [] };
}

/**
 * The destination services whose outbounds a policy can affect; never too few. Not included: the first TrafficRoute of a mesh, and
 * the end of its last, change `meshHasTrafficRoutes` and with it every outbound of the mesh.
 */
export function outboundPolicyReach(policy: Resource): PolicyReach {
  return aimsAtGateway(policy) ? { services: [] } : (policyOf(policy)?.outboundReach?.(policy) ?? { services: [] });
}

/** The services whose inbounds a policy can affect; never too few. */
export function inboundPolicyReach(policy: Resource): PolicyReach {
  return aimsAtGateway(policy) ? { services: [] } : (policyOf(policy)?.inboundReach?.(policy) ?? { services: [] });
}

/** Whether a policy is about builtin gateways and nothing else: its target is one, or for other proxies it has no outbounds to shape. */
export function aimsAtGateway(policy: Resource): boolean {
  const { apply } = policyOf(policy) ?? {};
  if (!apply) return false;
  const spec = policy.spec as TargetRefSpec & { readonly to?: readonly unknown[] };
  const isForGatewaysOnly = apply.gateway !== undefined && apply.outbound === undefined && (spec.to?.length ?? 0) > 0;
  return isForGatewaysOnly || topLevelRef(spec).kind === "MeshGateway";
}

/**
 * Every tag set that clients may ask for because of a policy: each has `kuma.io/service`, possibly `"*"` (of every service). A zone
 * ingress derives its SNI chains from them; the plain service is not listed, every ingress offers that anyway.
 */
export function destinationTagSets(policy: Resource): readonly Tags[] {
  return policyOf(policy)?.destinations?.(policy) ?? [];
}

function policyOf({ kind }: Resource) {
  return policies.find(({ definition }) => definition.kind === kind);
}
