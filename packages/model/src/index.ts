export { canonicalJson, contentHash, sameContent } from "./content.ts";
export type { ConvergenceReport, Rejection, ZoneConvergence, ZoneProgress } from "./convergence.ts";
export { defaultNamespace } from "./document/envelope.ts";
export { fillDefaults } from "./document/fill-defaults.ts";
export { type DocumentProblem, type ParsedDocument, type ParsedDocuments, parseDocuments } from "./document/parse.ts";
export { type Renderable, type RenderFormat, renderResource } from "./document/render.ts";
export { renderYaml } from "./document/render-yaml.ts";
export type { JsonSchema } from "./document/schema-walk.ts";
export { checkResource, type ExpectedKey, type ResourceInputResult, toResourceInput } from "./document/to-resource-input.ts";
export { formatGoDuration, formatLegacyDuration, parseDuration, parseLifetime } from "./duration.ts";
export {
  base64Text,
  type DataSource,
  type DeepReadonly,
  dataSourceSchema,
  durationText,
  portNumber,
  type Selector,
  type SpecOf,
  selectorSchema,
  stringEnum,
  stringMap,
  type TargetRef,
  type TargetRefKind,
  targetRefKinds,
  targetRefSchema,
  type Unchecked,
} from "./fragments.ts";
export {
  type NameTemplate,
  parseTemplate,
  renderTemplate,
  type TemplateData,
  type TemplateResult,
} from "./go-template/template.ts";
export type { KindDefinition, KindRegistry, SyncRule, ValidationContext } from "./kind.ts";
export type { MeshInsightSpec, ServiceInsightSpec } from "./kinds/aggregate-insights.ts";
export type { DataplaneInbound, DataplaneOutbound, DataplaneSpec } from "./kinds/dataplane/schema.ts";
export type { ExternalServiceSpec } from "./kinds/external-service.ts";
export type { HostnameGeneratorSpec } from "./kinds/hostname-generator.ts";
export { coreKinds } from "./kinds/index.ts";
export type {
  DataplaneInsightSpec,
  ZoneEgressInsightSpec,
  ZoneIngressInsightSpec,
  ZoneInsightSpec,
} from "./kinds/insights.ts";
export { effectivePrometheus } from "./kinds/mesh/effective-metrics.ts";
export { enabledCaBackend } from "./kinds/mesh/enabled-backend.ts";
export { validateDataSource } from "./kinds/mesh/mtls.ts";
export type { MeshSpec, MtlsBackend, PrometheusConf } from "./kinds/mesh/schema.ts";
export type { MeshExternalServiceSpec } from "./kinds/mesh-external-service.ts";
export type { MeshGatewaySpec } from "./kinds/mesh-gateway/schema.ts";
export type { MeshIdentitySpec } from "./kinds/mesh-identity.ts";
export type { MeshMultiZoneServiceSpec } from "./kinds/mesh-multi-zone-service.ts";
export type { MeshOpenTelemetryBackendSpec } from "./kinds/mesh-open-telemetry-backend.ts";
export type { MeshServiceSpec } from "./kinds/mesh-service.ts";
export type { MeshTrustSpec } from "./kinds/mesh-trust.ts";
export type { MeshZoneAddressSpec } from "./kinds/mesh-zone-address.ts";
export type { SecretSpec } from "./kinds/secrets.ts";
export type { VirtualOutboundSpec } from "./kinds/virtual-outbound.ts";
export type { WorkloadSpec } from "./kinds/workload.ts";
export type { ZoneSpec } from "./kinds/zone.ts";
export type { ZoneEgressSpec } from "./kinds/zone-egress.ts";
export type { ZoneIngressSpec } from "./kinds/zone-ingress.ts";
export { labelNames, type PolicyRole, policyRoleOf, policyRoles, type Tags, tagNames } from "./labels.ts";
export { kri, syncedName } from "./naming.ts";
export {
  noPolicyReport,
  type PolicyCounts,
  type PolicyRejection,
  type PolicyRemark,
  type PolicyReport,
  type PolicyState,
  type PolicyStatus,
  type ZonePolicyReport,
  type ZonePolicyStatus,
} from "./policy-status.ts";
export { createKindRegistry } from "./registry.ts";
export {
  compareKeys,
  compareText,
  keyText,
  type Labels,
  parseKeyText,
  type Resource,
  type ResourceInput,
  type ResourceKey,
  type Revision,
} from "./resource.ts";
export { isSubdomain, validateDnsLabelName, validateLabels, validateResourceName, validateShortName } from "./rules/names.ts";
export {
  isDomainName,
  isHostPort,
  isIpAddress,
  isLoopback,
  validatePort,
  validateProxyAddress,
} from "./rules/network.ts";
export {
  protocols,
  type SelectorRules,
  type TagRules,
  validateMatch,
  validateProtocolTag,
  validateSelectors,
  validateTags,
} from "./rules/tags.ts";
export { at, type Violation } from "./violation.ts";
