export { buildApi, type ServerOptions } from "./build.ts";
export { buildDiagnostics, type DiagnosticsDeps } from "./diagnostics.ts";
export { isLocalRequest } from "./http/access.ts";
export { announceInsights } from "./insights/announced-insights.ts";
export { InsightBook } from "./insights/insight-book.ts";
export { buildMonitoring, type MonitoringDeps } from "./monitoring.ts";
export { openApiDocument } from "./openapi/document.ts";
export type {
  AdmissionPort,
  ApiDeps,
  ApiInfo,
  ApiLimits,
  ApiStore,
  ConvergencePort,
  DataplaneTokenRequest,
  LinkStatePort,
  ProxyAdminPort,
  TokensPort,
  User,
} from "./ports.ts";
