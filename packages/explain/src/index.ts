export { resourceJson } from "./envoy/json.ts";
export { type ClientIdentity, clientIdentity, isAllowed } from "./envoy/rbac.ts";
export { matchText } from "./told/match.ts";
export { usualProxy, type Zones, zoneOf } from "./worlds/zones.ts";
