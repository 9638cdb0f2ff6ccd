import { labelNames, type ResourceInput } from "@meridian/model";
import type { Change } from "@meridian/store";
import type { BatchView } from "./batch-view.ts";
import { computeLabels } from "./labels.ts";
import type { AdmissionDeps } from "./ports.ts";

/** A policy that comes with every new mesh, under the name `<prefix>-<mesh>`. */
interface InitialPolicy {
  readonly kind: string;
  readonly prefix: string;
  readonly spec: unknown;
}

const anyone = { kind: "Mesh" } as const;
const proxiesOf = (type: "Sidecar" | "Gateway") => ({ kind: "Mesh", proxyTypes: [type] });

const sidecarTimeouts = {
  targetRef: proxiesOf("Sidecar"),
  from: [
    {
      targetRef: anyone,
      default: {
        connectionTimeout: "10s",
        idleTimeout: "2h0m0s",
        http: { requestTimeout: "0s", streamIdleTimeout: "1h0m0s", maxStreamDuration: "0s" },
      },
    },
  ],
  to: [
    {
      targetRef: anyone,
      default: {
        connectionTimeout: "5s",
        idleTimeout: "1h0m0s",
        http: { requestTimeout: "15s", streamIdleTimeout: "30m0s" },
      },
    },
  ],
};

const gatewayTimeouts = {
  targetRef: proxiesOf("Gateway"),
  from: [
    { targetRef: anyone, default: { idleTimeout: "5m0s", http: { streamIdleTimeout: "5s", requestHeadersTimeout: "500ms" } } },
  ],
  to: [{ targetRef: anyone, default: { idleTimeout: "1h0m0s", http: { streamIdleTimeout: "5s" } } }],
};

const connectionLimits = { maxConnections: 1024, maxPendingRequests: 1024, maxRetries: 3, maxRequests: 1024 };
const retries = { numRetries: 5, perTryTimeout: "16s", backOff: { baseInterval: "25ms", maxInterval: "250ms" } };

/** Names and values are the peer's (reference: multizone.md, end of section 10). */
const initialPolicies: readonly InitialPolicy[] = [
  { kind: "MeshTimeout", prefix: "mesh-timeout-all", spec: sidecarTimeouts },
  { kind: "MeshTimeout", prefix: "mesh-gateways-timeout-all", spec: gatewayTimeouts },
  {
    kind: "MeshCircuitBreaker",
    prefix: "mesh-circuit-breaker-all",
    spec: { targetRef: anyone, to: [{ targetRef: anyone, default: { connectionLimits } }] },
  },
  {
    kind: "MeshRetry",
    prefix: "mesh-retry-all",
    spec: {
      targetRef: anyone,
      to: [{ targetRef: anyone, default: { tcp: { maxConnectAttempt: 5 }, http: retries, grpc: retries } }],
    },
  },
];

const everyService = [{ match: { "kuma.io/service": "*" } }];

/** Only with `AdmissionDeps.createsRoutingPolicies`: they switch the source/destination generation of outbounds on. */
const routingPolicies: readonly InitialPolicy[] = [
  { kind: "TrafficPermission", prefix: "allow-all", spec: { sources: everyService, destinations: everyService } },
  {
    kind: "TrafficRoute",
    prefix: "route-all",
    spec: {
      sources: everyService,
      destinations: everyService,
      conf: { loadBalancer: { roundRobin: {} }, destination: { "kuma.io/service": "*" } },
    },
  },
];

/**
 * The policies of a mesh that is being created, but for the kinds that its author does not want (`skipCreatingInitialPolicies`,
 * `*` for all) and for what exists already. They belong to users from then on: what a user deletes stays deleted.
 */
export async function makeInitialPolicies(
  mesh: string,
  skipped: readonly string[],
  { view, deps }: { readonly view: BatchView; readonly deps: AdmissionDeps },
): Promise<readonly Change[]> {
  if (skipped.includes("*")) return [];
  const wanted = deps.createsRoutingPolicies ? [...initialPolicies, ...routingPolicies] : initialPolicies;
  const changes: Change[] = [];
  for (const { kind, prefix, spec } of wanted) {
    const definition = deps.kinds.get(kind);
    const key = { kind, mesh, name: `${prefix}-${mesh}` };
    if (!definition || skipped.includes(kind) || (await view.resulting(key))) continue;
    const bare: ResourceInput = { ...key, labels: { [labelNames.mesh]: mesh }, spec };
    changes.push({ op: "put", resource: { ...bare, labels: computeLabels(bare, definition, deps) }, expect: "absent" });
  }
  return changes;
}
