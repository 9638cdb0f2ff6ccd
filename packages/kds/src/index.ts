export { createKdsClient, type KdsClient } from "./client/client.ts";
export { observeInsights } from "./client/observe-insights.ts";
export { type ProbeOptions, type ProbeResult, probeGlobal } from "./client/probe.ts";
export {
  HubUnavailableError,
  IncompatibleVersionError,
  InvalidTokenError,
  InvalidZoneNameError,
  MalformedFrameError,
  type RefusalCode,
  RefusalError,
  ReplacedError,
  RequestFailedError,
  RequestTimeoutError,
  ZoneDeletedError,
  ZoneDisabledError,
  ZoneNameTakenError,
  ZoneOfflineError,
  ZoneOnOtherReplicaError,
} from "./errors.ts";
export { createHub, type KdsHub } from "./hub/hub.ts";
export type { ZoneInsight } from "./hub/zone-insight.ts";
export type {
  ClientOptions,
  ConvergenceSource,
  Hub,
  HubOptions,
  InsightChange,
  InsightSource,
  LinkState,
  LinkWarning,
  PolicySource,
  PolicyStatusSource,
  TokenVerdict,
  UploadRejection,
  ZoneRequest,
} from "./ports.ts";
export { subprotocol } from "./protocol/frames.ts";
export { seenInZone } from "./sync/seen-in-zone.ts";
