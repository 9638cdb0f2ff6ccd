export { AddressPool } from "./address-pool.ts";
export {
  type Contribution,
  contributionTo,
  type Member,
  type OfferedPort,
  type ProxyState,
  type ServiceSelector,
  servicesOf,
  servingInbounds,
  soleServiceOf,
  unknownProxy,
} from "./contribution.ts";
export {
  type Destination,
  destinationsFor,
  destinationsOf,
  isReferred,
  mappedIpv6,
  type ReachableRef,
  type ReachOptions,
  reachableRefs,
  reachOf,
  type ServicePort,
  serviceKri,
  servicePorts,
} from "./destinations.ts";
export {
  canNameMeshService,
  generatedMeshService,
  generatedWorkload,
  graceLabel,
  graceStartMs,
  graceText,
  isManagedBy,
  managers,
  observedSpec,
  type Place,
} from "./generated.ts";
export { type Claimant, HostnameClaims } from "./hostname-claims.ts";
export {
  type Generator,
  hostnameOf,
  hostnameStatus,
  names,
  type RenderedHostname,
  readGenerator,
  renderHostnames,
} from "./hostnames.ts";
export { hasLabels, identityOf, isLocal, type ServiceIdentity, selectableLabels } from "./identity.ts";
export { servicesNotListing } from "./mesh-identities/listed.ts";
export {
  isNamedByWorkload,
  type MeshIdentity,
  meshIdentitiesFor,
  readMeshIdentity,
  spiffeIdOf,
  spiffeIdsOf,
} from "./mesh-identities/mesh-identity.ts";
export { identityCaSecrets, isReady, type MeshIdentityStatus } from "./mesh-identities/status.ts";
export { isGeneratedTrust, pemOf, trustManager } from "./mesh-identities/trust.ts";
export { type MeshServicesMode, makesMeshServices, meshServicesMode } from "./mesh-mode.ts";
export { isBehind, matchedMeshServices } from "./multi-zone.ts";
export { defaultNameSettings, type NameClaim, type NameSettings } from "./names/claim.ts";
export {
  type CrossMeshListener,
  commonTags,
  crossMeshClaims,
  crossMeshListeners,
  crossMeshPortTag,
} from "./names/cross-mesh.ts";
export type { NameConflict, NamedPort, NameEntry } from "./names/entry.ts";
export { NameClaims } from "./names/name-claims.ts";
export { hostOf, type NameSpec, nameKey, nameResource } from "./names/name-resource.ts";
export {
  type Condition,
  type GeneratorOutcome,
  type HostnameStatus,
  hostnamesOf,
  isServiceKind,
  type MatchedMeshService,
  type ProxyCounts,
  type ServiceAddress,
  type ServiceKind,
  type ServiceStatus,
  serviceKinds,
  vipField,
  vipOf,
} from "./status.ts";
export { Tally } from "./tally.ts";
export { defaultVipNetworks, type VipNetworks, Vips } from "./vips.ts";
