export { type ConfigEngineOptions, createConfigEngine } from "./engine/engine.ts";
export { createMeshView, generate, type MeshViewOptions } from "./generate.ts";
export type {
  AvailableService,
  ConfigEngine,
  GenerationFailure,
  IdentityNeed,
  ProxyConfig,
  ProxyDescription,
  ProxyUpdate,
  ViewChange,
} from "./types.ts";
export type { MeshView } from "./view/mesh-view.ts";
