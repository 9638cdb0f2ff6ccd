export { type Json, resourceJson } from "./envoy/json.ts";
export { type ClientIdentity, clientIdentity, isAllowed } from "./envoy/rbac.ts";
export { explain } from "./explain.ts";
export { createExplainer, type ExplainerOptions } from "./explainer.ts";
export { matchText } from "./told/match.ts";
export { destinationText, listText, percent, realName } from "./told/words.ts";
export type {
  ExplainedClient,
  ExplainedDestination,
  ExplainedEndpoint,
  ExplainedOutbound,
  ExplainedRoute,
  ExplainedServer,
  ExplainRequest,
  Explanation,
  LeftOut,
  Obstacle,
  Permission,
  Setting,
  Step,
  Verdict,
} from "./types.ts";
export { Worlds } from "./worlds/worlds.ts";
export { usualProxy, type Zones, zoneOf } from "./worlds/zones.ts";
