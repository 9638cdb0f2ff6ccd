export type { Policy, PolicyApply } from "./core/define-policy.ts";
export { concerns, type Destination, namesResource } from "./core/destinations.ts";
export { type FromConf, type FromEntry, type FromSpec, fromConfs } from "./core/from-confs.ts";
export { type GatewayOfProxy, type SelectionContext, selectsProxyOrParts } from "./core/indirect-targets.ts";
export type { OutboundPlanInput, PermissionPlanInput, PolicyReach } from "./core/inputs.ts";
export {
  type SourceDestinationSpec,
  selectAllForInbound,
  selectForInbound,
  selectForProxy,
  selectForService,
} from "./core/legacy-selection.ts";
export type { Conf } from "./core/merge.ts";
export { confOfItem, mergeItemConfs } from "./core/merge-lists.ts";
export { comparePolicies, orderToItems, type ToItem } from "./core/policy-order.ts";
export { type OrderedRule, orderRules, type PeerMatch } from "./core/rule-list.ts";
export { refTags, selectsByIdentity, selectsInbound, selectsProxy, type TargetRefSpec, topLevelRef } from "./core/target-ref.ts";
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
