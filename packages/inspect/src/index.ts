export { inboundPolicies, outboundPolicies, outboundRoutes, proxyPolicies, routePolicies } from "./by-kri.ts";
export { dataplanePolicies } from "./dataplane-policies.ts";
export { type MeshInventory, meshInventory } from "./inventory.ts";
export { dataplaneLayout } from "./layout.ts";
export { type Meta, metaOf } from "./meta.ts";
export { type MonitoringAssignment, monitoringAssignments } from "./monitoring.ts";
export { gatewayMatcher, policyAttachmentReader, policyMatcher } from "./policy-dataplanes.ts";
export {
  type ProxyConfigAnswer,
  type ProxyConfigOptions,
  proxyConfig,
  shadowView,
  type ZoneView,
  type ZoneViewOptions,
  zoneView,
} from "./proxy-config.ts";
export { dataplaneRules, gatewayRules } from "./rules.ts";
export { dataplaneRuleList } from "./rules-list.ts";
export { meshServiceMatcher, serviceHostnames } from "./services.ts";
