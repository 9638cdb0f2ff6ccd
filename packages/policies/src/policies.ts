import type { KindDefinition } from "@meridian/model";
import { circuitBreaker } from "./circuit-breaker/index.ts";
import type { Policy } from "./core/define-policy.ts";
import { faultInjection } from "./fault-injection/index.ts";
import { healthCheck } from "./health-check/index.ts";
import { meshAccessLog } from "./mesh-access-log/index.ts";
import { meshCircuitBreaker } from "./mesh-circuit-breaker/index.ts";
import { meshFaultInjection } from "./mesh-fault-injection/index.ts";
import { meshGatewayRoute } from "./mesh-gateway-route/index.ts";
import { meshHealthCheck } from "./mesh-health-check/index.ts";
import { meshHttpRoute } from "./mesh-http-route/index.ts";
import { meshLoadBalancingStrategy } from "./mesh-load-balancing-strategy/index.ts";
import { meshMetric } from "./mesh-metric/index.ts";
import { meshPassthrough } from "./mesh-passthrough/index.ts";
import { meshProxyPatch } from "./mesh-proxy-patch/index.ts";
import { meshRateLimit } from "./mesh-rate-limit/index.ts";
import { meshRetry } from "./mesh-retry/index.ts";
import { meshTcpRoute } from "./mesh-tcp-route/index.ts";
import { meshTimeout } from "./mesh-timeout/index.ts";
import { meshTls } from "./mesh-tls/index.ts";
import { meshTrace } from "./mesh-trace/index.ts";
import { meshTrafficPermission } from "./mesh-traffic-permission/index.ts";
import { proxyTemplate } from "./proxy-template/index.ts";
import { rateLimit } from "./rate-limit/index.ts";
import { retry } from "./retry/index.ts";
import { timeout } from "./timeout/index.ts";
import { trafficLog } from "./traffic-log/index.ts";
import { trafficPermission } from "./traffic-permission/index.ts";
import { trafficRoute } from "./traffic-route/index.ts";
import { trafficTrace } from "./traffic-trace/index.ts";

/** Every policy kind. A new one is a folder and a line here, anywhere: its `order` says when it is applied. */
const kinds: readonly Policy[] = [
  trafficRoute,
  trafficPermission,
  trafficLog,
  trafficTrace,
  healthCheck,
  circuitBreaker,
  retry,
  timeout,
  rateLimit,
  faultInjection,
  meshGatewayRoute,
  meshHttpRoute,
  meshTcpRoute,
  meshTls,
  meshLoadBalancingStrategy,
  meshPassthrough,
  meshAccessLog,
  meshTrace,
  meshFaultInjection,
  meshRateLimit,
  meshTimeout,
  meshTrafficPermission,
  meshHealthCheck,
  meshCircuitBreaker,
  meshRetry,
  meshMetric,
  meshProxyPatch,
  proxyTemplate,
];

/** By order of application. */
export const policies: readonly Policy[] = kinds.toSorted((a, b) => a.order - b.order);

/** Their definitions: for the process's registry of kinds, and what has to reach an engine. */
export const policyKinds: readonly KindDefinition[] = policies.map(({ definition }) => definition);
