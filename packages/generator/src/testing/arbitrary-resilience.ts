import fc from "fast-check";
import { anySelector, anyServiceName, anyTargetRef } from "./arbitrary-world.ts";
import { resource } from "./resources.ts";

const lastingSeconds = fc.integer({ min: 1, max: 2 }).map((seconds) => `${seconds}s`);
const legacyConfs = {
  Timeout: lastingSeconds.map((connectTimeout) => ({ connectTimeout, http: { requestTimeout: connectTimeout } })),
  Retry: fc.integer({ min: 1, max: 2 }).map((numRetries) => ({ http: { numRetries }, tcp: { maxConnectAttempts: numRetries } })),
  CircuitBreaker: fc.integer({ min: 1, max: 2 }).map((maxRequests) => ({ thresholds: { maxRequests } })),
  HealthCheck: lastingSeconds.map((interval) => ({ interval, timeout: "1s", unhealthyThreshold: 1, healthyThreshold: 1 })),
} as const;
export const anyLegacyResilience = fc
  .record({
    kind: fc.constantFrom(...(Object.keys(legacyConfs) as (keyof typeof legacyConfs)[])),
    name: fc.constantFrom("x0", "x1"),
    source: anySelector,
    destination: anySelector,
  })
  .chain(({ kind, name, source, destination }) =>
    legacyConfs[kind].map((conf) => resource(kind, "default", name, { sources: [source], destinations: [destination], conf })),
  );

const resilienceConfs = {
  MeshTimeout: lastingSeconds.map((requestTimeout) => ({ connectionTimeout: "1s", http: { requestTimeout } })),
  MeshRetry: fc.integer({ min: 0, max: 2 }).map((numRetries) => ({ http: { numRetries }, tcp: { maxConnectAttempt: 2 } })),
  MeshCircuitBreaker: fc.integer({ min: 1, max: 2 }).map((maxRequests) => ({ connectionLimits: { maxRequests } })),
  MeshHealthCheck: lastingSeconds.map((interval) => ({ interval, http: {}, tcp: {} })),
} as const;
export const anyMeshResilience = fc
  .record({
    kind: fc.constantFrom(...(Object.keys(resilienceConfs) as (keyof typeof resilienceConfs)[])),
    name: fc.constantFrom("y0", "y1"),
    targetRef: anyTargetRef,
    to: fc.oneof(
      anyServiceName.map((name) => ({ kind: "MeshService", name })),
      fc.constantFrom({ kind: "Mesh" }, { kind: "MeshHTTPRoute", name: "h0" }),
    ),
    ofInbounds: fc.boolean(),
  })
  .chain(({ kind, name, targetRef, to, ofInbounds }) =>
    resilienceConfs[kind].map((conf) => {
      const hasRules = ofInbounds && (kind === "MeshTimeout" || kind === "MeshCircuitBreaker");
      const lists = hasRules ? { rules: [{ default: conf }] } : { to: [{ targetRef: to, default: conf }] };
      return resource(kind, "default", name, { targetRef, ...lists });
    }),
  );
