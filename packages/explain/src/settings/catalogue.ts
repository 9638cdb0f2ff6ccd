/** What people look for, by the fields of Envoy that say it. What fits nothing is `other`: a new kind of policy needs no entry here. */
const topics: readonly (readonly [about: string, fields: RegExp])[] = [
  ["faults", /filters\.http\.fault/],
  ["rate limits", /ratelimit|rateLimit/],
  ["access logs", /accessLog/],
  ["tracing", /tracing/i],
  ["retries", /retryPolicy|maxConnectAttempts/],
  ["circuit breakers", /circuitBreakers/],
  ["outlier detection", /outlierDetection/],
  ["health checks", /healthChecks/],
  ["timeouts", /timeout$|max(Connection|Stream)Duration$/i],
  ["load balancing", /lbPolicy|LbConfig|LoadBalanc|hashPolicy/i],
];

export const otherTopic = "other";

export const topicOrder: readonly string[] = [
  ...["timeouts", "retries", "circuit breakers", "outlier detection", "health checks", "load balancing"],
  ...["rate limits", "faults", "access logs", "tracing", otherTopic],
];

/** @param path as in `Leaves` */
export function topicOf(path: string): string {
  return topics.find(([, fields]) => fields.test(path))?.[0] ?? otherTopic;
}

/** Envoy's defaults of what people ask for most, where the field is not set (cluster.proto, circuit_breaker.proto). */
export interface EnvoyDefault {
  readonly where: "cluster" | "route";
  readonly about: string;
  /** End of the path. */
  readonly field: string;
  readonly name: string;
  readonly value: string;
}

export const envoyDefaults: readonly EnvoyDefault[] = [
  { where: "route", about: "retries", field: "", name: "retries", value: "none" },
  { where: "cluster", about: "circuit breakers", field: "maxConnections", name: "max connections", value: "1024" },
  { where: "cluster", about: "circuit breakers", field: "maxPendingRequests", name: "max pending requests", value: "1024" },
  { where: "cluster", about: "circuit breakers", field: "maxRequests", name: "max requests", value: "1024" },
  { where: "cluster", about: "circuit breakers", field: "maxRetries", name: "max retries", value: "3" },
];
