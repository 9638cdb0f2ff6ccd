export { type ClientPermission, type ClientPermissionInput, clientPermission } from "./client-permission.ts";
export type { ClientTrait, Policy, PolicyApply } from "./core/define-policy.ts";
export { concerns, type Destination, namesResource } from "./core/destinations.ts";
export {
  type GatewayEffect,
  having,
  type InboundEffect,
  inputsOf,
  notesOf,
  type OutboundEffect,
  originsOf,
  type ProxyEffect,
} from "./core/effects/effect.ts";
export type { InboundSecurity, OwnResource } from "./core/effects/hooks.ts";
export { withRequestLimits } from "./core/effects/local-rate-limit.ts";
export {
  extraInboundClusters,
  removesInboundListener,
  removesLocalCluster,
  shapeInboundChain,
  shapeInboundListener,
  shapeInboundRoutes,
  shapeLocalCluster,
  shapeSecurity,
} from "./core/effects/shape-inbound.ts";
export {
  extraListenerClusters,
  removesGatewayListener,
  shapeGatewayListener,
  shapeListenerChain,
  shapeListenerRoute,
} from "./core/effects/shape-listener.ts";
export {
  extraClusters,
  removesCluster,
  removesListener,
  shapeChain,
  shapeCluster,
  shapeEndpoints,
  shapeListener,
  shapeRoute,
  shapeRouteConfiguration,
} from "./core/effects/shape-outbound.ts";
export { shapeOwnResources } from "./core/effects/shape-proxy.ts";
export type { Assignment, InboundTarget, ListenerTarget, OutboundTarget, ProxyTarget, World } from "./core/effects/targets.ts";
export type { BackendRef } from "./core/fragments/backend-ref.ts";
export { type FromConf, type FromEntry, type FromSpec, fromConfs } from "./core/from-confs.ts";
export { type GatewayOfProxy, type SelectionContext, selectsProxyOrParts } from "./core/indirect-targets.ts";
export type { FoundBackend, OutboundPlanInput, PermissionPlanInput, PolicyReach } from "./core/inputs.ts";
export {
  type SourceDestinationSpec,
  selectAllForInbound,
  selectForInbound,
  selectForProxy,
  selectForService,
} from "./core/legacy-selection.ts";
export { anywhere } from "./core/listeners/anywhere.ts";
export { anyHost, compareHosts, hostPattern } from "./core/listeners/host-names.ts";
export type { ListenerPlan, ListenerPlanInput, ListenerProtocol, ListenerSubject } from "./core/listeners/types.ts";
export { type HostRoutes, virtualHosts } from "./core/listeners/virtual-hosts.ts";
export type { Conf } from "./core/merge.ts";
export { confOfItem, mergeItemConfs } from "./core/merge-lists.ts";
export { meshMetricsCluster, meshMetricsListener, metricsSocket } from "./core/observability/metrics-names.ts";
export { ownService } from "./core/observability/placeholders.ts";
export { addSettings } from "./core/observability/settings-page.ts";
export { tagLabels } from "./core/observability/tag-labels.ts";
export { isAtHome, type Placed, type RefHome } from "./core/placed-ref.ts";
export { policyKri } from "./core/policy-kri.ts";
export type { PolicyNote } from "./core/policy-note.ts";
export { comparePolicies, orderToItems, type ToItem } from "./core/policy-order.ts";
export { ownDestination } from "./core/route.ts";
export { type OrderedRule, orderRules, type PeerMatch } from "./core/rule-list.ts";
export { fitsTags, type TagSelector } from "./core/selectors.ts";
export { refTags, selectsByIdentity, selectsInbound, selectsProxy, type TargetRefSpec, topLevelRef } from "./core/target-ref.ts";
export type {
  AnyPolicy,
  InboundSubject,
  MirrorDestination,
  OutboundSubject,
  PermissionPlan,
  Protocol,
  ProxySelf,
  ProxySubject,
  RouteDestination,
  RouteEntry,
  RoutePlan,
  ServicePortKey,
  WeightedDestination,
} from "./core/types.ts";
export {
  clientTraits,
  gatewayEffects,
  inboundEffects,
  needsSelf,
  outboundEffects,
  policyPlaces,
  proxyEffects,
  referencedKinds,
} from "./effects.ts";
export {
  aimsAtGateway,
  destinationTagSets,
  inboundPolicyReach,
  outboundPolicyReach,
  planListener,
  planOutbound,
  planPermission,
} from "./plan.ts";
export { policies, policyKinds } from "./policies.ts";
