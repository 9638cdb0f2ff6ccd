export { type ConfigEngineOptions, createConfigEngine } from "./engine/engine.ts";
export { outsidePermission } from "./external/client-access.ts";
export { createMeshView, generate, type MeshViewOptions } from "./generate.ts";
export { backendEndpoints } from "./service-endpoints.ts";
export { hasGivenIds } from "./sidecar/client-tls.ts";
export { nobodyOffersIt } from "./sidecar/outbound-chain.ts";
export { inboundClientPermission, inboundPermission, outboundPlan } from "./sidecar/plans.ts";
export { sidecarOutbounds } from "./sidecar/profile.ts";
export { proxyIdentity } from "./sidecar/proxy-identity.ts";
export { hasIdentities } from "./sidecar/proxy-tls.ts";
export type {
  AvailableService,
  ConfigEngine,
  CountedNote,
  GenerationFailure,
  IdentityNeed,
  PolicyNote,
  PolicyReach,
  ProxyConfig,
  ProxyDescription,
  ProxyUpdate,
  ViewChange,
} from "./types.ts";
export { egressHandoverLabel, wantsEgress } from "./view/mesh-facts.ts";
export type { MeshView } from "./view/mesh-view.ts";
export { resolveService, type ServicePortOf } from "./view/resolve-service.ts";
export { leavingLabel } from "./view/zone-egress-facts.ts";
