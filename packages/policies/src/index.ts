export type { Policy, PolicyApply } from "./core/define-policy.ts";
export type { OutboundPlanInput, PermissionPlanInput, PolicyReach } from "./core/inputs.ts";
export { selectsByIdentity } from "./core/target-ref.ts";
export type {
  AnyPolicy,
  InboundSubject,
  MirrorDestination,
  OutboundSubject,
  PermissionPlan,
  Protocol,
  ProxySubject,
  RouteEntry,
  RoutePlan,
  WeightedDestination,
} from "./core/types.ts";
export { destinationTagSets, inboundPolicyReach, outboundPolicyReach, planOutbound, planPermission } from "./plan.ts";
export { effectivePolicyKinds, policies, policyKinds } from "./policies.ts";
