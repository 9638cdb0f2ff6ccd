import { keyText, parseKeyText, type Resource, type Tags } from "@meridian/model";
import fc from "fast-check";
import type { ProxyDescription, ViewChange } from "../types.ts";
import { anyGatewayResource, gateways } from "./arbitrary-gateway.ts";
import { anyIdentity } from "./arbitrary-identities.ts";
import { anyName } from "./arbitrary-names.ts";
import {
  anyExternalService,
  anyMeshExternalService,
  anyOutsideRef,
  anyPolicyOnOutside,
  anyZoneEgress,
} from "./arbitrary-outside.ts";
import {
  anyBackendRef,
  anyMeshService,
  anyMeshZoneAddress,
  anyMultiZoneService,
  anyPolicyOnServices,
  anyRouteOfServices,
  anyTransparentProxying,
  anyZoneListeners,
} from "./arbitrary-services.ts";
import { anyShape } from "./arbitrary-shapes.ts";
import { dataplane, egress, ingress, mesh, resource, sidecar } from "./resources.ts";

/** A small world, so that random changes meet each other often. */
const services = ["a", "b", "c"];
const dataplanes = ["d0", "d1", "d2", "d3"];
/** How the first proxies tell workloads of the names of services. */
const dnsFeatures = [["feature-embedded-dns"], ["feature-bind-outbounds"]];
export const proxies: readonly ProxyDescription[] = [
  ...dataplanes.map((name, index) => ({
    ...sidecar("default", name, ["feature-tcp-accesslog-via-named-pipe", ...(dnsFeatures[index] ?? [])]),
    ...{ workdir: `/run/${name}`, dnsPort: 15054 },
    ...(index === 2 && { transparentProxy: { outboundPort: 15_001, ipv6: true, redirectsDns: true } }),
  })),
  sidecar("other", "d0"),
  ingress("zi-west"),
  ingress("zi-west-2"),
  ...gateways,
  egress("ze-west"),
  egress("ze-west-2"),
];

const service = fc.constantFrom(...services);
const serviceOrAny = fc.constantFrom(...services, "*");
const version = fc.constantFrom({}, { version: "v1" }, { version: "v2" });
const protocol = fc.constantFrom(
  {},
  { "kuma.io/protocol": "http" },
  { "kuma.io/protocol": "grpc" },
  { "kuma.io/protocol": "tcp" },
);
const tags: fc.Arbitrary<Tags> = fc
  .tuple(service, version, protocol)
  .map(([name, ...more]) => Object.assign({ "kuma.io/service": name }, ...more));
const subset: fc.Arbitrary<Tags> = fc.tuple(service, version).map(([name, more]) => ({ "kuma.io/service": name, ...more }));

const backends = {
  logging: {
    backends: [
      { name: "f", type: "file", conf: { path: "/tmp/f.log" } },
      { name: "t", type: "tcp", conf: { address: "logs:5000" } },
    ],
  },
  metrics: {
    enabledBackend: "p",
    backends: [{ name: "p", type: "prometheus", conf: { aggregate: [{ name: "app", port: 8000 }] } }],
  },
  tracing: {
    backends: [
      { name: "z", type: "zipkin", conf: { url: "http://zipkin:9411/api/v2/spans" } },
      { name: "d", type: "datadog", conf: { address: "agent", port: 8126, splitService: true } },
    ],
  },
};
const leaving = { routing: { zoneEgress: true, defaultForbidMeshExternalServiceAccess: true } };
const anyMesh = fc
  .tuple(
    fc.constantFrom("default", "default", "other"),
    fc.constantFrom("off", "STRICT", "PERMISSIVE"),
    fc.boolean(),
    fc.constantFrom<object>({}, backends, leaving, { routing: { ...leaving.routing, localityAwareLoadBalancing: true } }),
  )
  .map(([name, mode, local, settings]) => withSettings(mesh(name, mode as "STRICT", local), settings));

function withSettings(resource: Resource, settings: object): Resource {
  return { ...resource, spec: { ...(resource.spec as object), ...settings } };
}

const inbound = fc.record({
  port: fc.constantFrom(8080, 8081),
  tags,
  state: fc.constantFrom("Ready", "Ready", "NotReady", "Ignored"),
});
const outbound = fc.oneof(
  fc.record({ port: fc.constantFrom(10001, 10002, 10003), tags: subset }),
  fc.record({ port: fc.constantFrom(10002, 10003), backendRef: fc.oneof(anyBackendRef, anyOutsideRef) }),
  fc.constant({ port: 10001, tags: { "kuma.io/service": "outside" } }),
);
const anyDataplane = fc
  .record({
    mesh: fc.constantFrom("default", "default", "default", "other"),
    name: fc.constantFrom(...dataplanes),
    host: fc.integer({ min: 1, max: 4 }),
    inbound: fc.uniqueArray(inbound, { maxLength: 2, selector: ({ port }) => port }),
    outbound: fc.array(outbound, { maxLength: 4 }),
    labels: fc.constantFrom<Tags>({}, { team: "x" }, { "kuma.io/zone": "west" }, { "kuma.io/zone": "east" }),
    transparentProxying: anyTransparentProxying,
    listeners: anyZoneListeners,
  })
  .map(({ host, ...options }) => dataplane({ ...options, address: `10.0.0.${host}` }));

const offer = fc.record({
  mesh: fc.constantFrom("default", "default", "other"),
  tags,
  instances: fc.integer({ min: 0, max: 3 }),
  externalService: fc.constantFrom(false, false, true),
});
const anyIngress = fc
  .record({
    name: fc.constantFrom("zi-west", "zi-west-2", "zi-east", "zi-north"),
    host: fc.integer({ min: 1, max: 3 }),
    advertised: fc.constantFrom(true, true, true, false),
    availableServices: fc.array(offer, { maxLength: 4 }),
  })
  .map(({ name, host, advertised, availableServices }) =>
    resource("ZoneIngress", "", name, {
      zone: name.split("-")[1],
      networking: {
        address: `10.1.0.${host}`,
        port: 10000,
        ...(advertised && { advertisedAddress: `192.0.2.${host}`, advertisedPort: 30000 }),
      },
      availableServices,
    }),
  );

const selector = serviceOrAny.map((name) => ({ match: { "kuma.io/service": name } }));
const split = fc.record({ weight: fc.integer({ min: 0, max: 3 }), destination: subset });
const http = fc.record({ match: fc.constant({ path: { prefix: "/x" } }), destination: subset });
const anyTrafficRoute = fc
  .record({
    name: fc.constantFrom("r0", "r1"),
    source: selector,
    destination: selector,
    split: fc.array(split, { minLength: 1, maxLength: 2 }),
    http: fc.array(http, { maxLength: 1 }),
    random: fc.boolean(),
  })
  .map(({ name, source, destination, split, http, random }) =>
    resource("TrafficRoute", "default", name, {
      sources: [source],
      destinations: [destination],
      conf: {
        split: [...split, { weight: 1, destination: { "kuma.io/service": "*" } }],
        http,
        ...(random && { loadBalancer: { random: {} } }),
      },
    }),
  );

const anyTrafficPermission = fc
  .record({ name: fc.constantFrom("p0", "p1"), source: selector, destination: selector })
  .map(({ name, source, destination }) =>
    resource("TrafficPermission", "default", name, { sources: [source], destinations: [destination] }),
  );

const topLevel = fc.constantFrom<object>(
  { kind: "Mesh" },
  { kind: "MeshService", name: "a" },
  { kind: "Dataplane", name: "d1" },
  { kind: "Dataplane", labels: { team: "x" } },
  { kind: "MeshSubset", tags: { version: "v1" } },
);
const backend = fc
  .tuple(service, version, fc.integer({ min: 0, max: 2 }))
  .map(([name, more, weight]) => ({ kind: "MeshServiceSubset", name, tags: more, weight }));
const anyMeshHttpRoute = fc
  .record({
    name: fc.constantFrom("h0", "h1"),
    targetRef: topLevel,
    to: service,
    backendRefs: fc.array(backend, { maxLength: 2 }),
  })
  .map(({ name, targetRef, to, backendRefs }) => {
    const rule = { matches: [{ path: { type: "PathPrefix", value: "/y" } }], default: { backendRefs } };
    return resource("MeshHTTPRoute", "default", name, {
      targetRef,
      to: [{ targetRef: { kind: "MeshService", name: to }, rules: [rule] }],
    });
  });

const anyMeshTrafficPermission = fc
  .record({ name: fc.constantFrom("m0", "m1"), targetRef: topLevel, from: service, action: fc.constantFrom("Allow", "Deny") })
  .map(({ name, targetRef, from, action }) =>
    resource("MeshTrafficPermission", "default", name, {
      targetRef,
      from: [{ targetRef: { kind: "MeshService", name: from }, default: { action } }],
    }),
  );

const logFile = (format: string) => ({
  type: "File",
  file: { path: "/tmp/a.log", format: { type: "Plain", plain: format } },
});
const collector = { backendRef: { kind: "MeshOpenTelemetryBackend", name: "o0" } };
const anyMeshAccessLog = fc
  .record({
    name: fc.constantFrom("g0", "g1"),
    targetRef: topLevel,
    to: fc.constantFrom<object>({ kind: "Mesh" }, { kind: "MeshService", name: "a" }, { kind: "MeshHTTPRoute", name: "h0" }),
    backends: fc.subarray<object>([
      logFile("%KUMA_MESH%"),
      logFile("%KUMA_SOURCE_SERVICE% %KUMA_WORKLOAD%"),
      { type: "OpenTelemetry", openTelemetry: collector },
      { type: "Tcp", tcp: { address: "logs:5000" } },
    ]),
    isInbound: fc.boolean(),
  })
  .map(({ name, targetRef, to, backends, isInbound }) => {
    const lists = isInbound ? { rules: [{ default: { backends } }] } : { to: [{ targetRef: to, default: { backends } }] };
    return resource("MeshAccessLog", "default", name, { targetRef, ...lists });
  });
const anyOpenTelemetryBackend = fc
  .constantFrom("collector-1", "collector-2")
  .map((address) => resource("MeshOpenTelemetryBackend", "default", "o0", { endpoint: { address } }));
const anyTrafficLog = fc
  .record({ name: fc.constantFrom("t0", "t1"), source: selector, destination: selector, backend: fc.constantFrom("f", "t", "x") })
  .map(({ name, source, destination, backend }) =>
    resource("TrafficLog", "default", name, { sources: [source], destinations: [destination], conf: { backend } }),
  );

const anyMeshTrace = fc
  .record({
    name: fc.constantFrom("j0", "j1"),
    targetRef: topLevel,
    backends: fc.subarray<object>(
      [
        { type: "Zipkin", zipkin: { url: "http://zipkin:9411/api/v2/spans" } },
        { type: "Datadog", datadog: { url: "http://agent:8126" } },
        { type: "OpenTelemetry", openTelemetry: collector },
      ],
      { maxLength: 1 },
    ),
  })
  .map(({ name, targetRef, backends }) => resource("MeshTrace", "default", name, { targetRef, default: { backends } }));
const anyMeshMetric = fc
  .record({
    name: fc.constantFrom("n0", "n1"),
    targetRef: topLevel,
    backends: fc.subarray<object>([
      { type: "Prometheus", prometheus: { port: 8080 } },
      { type: "Prometheus", prometheus: { clientId: "mtls", port: 5671, tls: { mode: "ActiveMTLSBackend" } } },
      { type: "OpenTelemetry", openTelemetry: collector },
    ]),
  })
  .map(({ name, targetRef, backends }) => resource("MeshMetric", "default", name, { targetRef, default: { backends } }));
const anyTrafficTrace = fc
  .record({ name: fc.constantFrom("k0", "k1"), selector, backend: fc.constantFrom("z", "d", "x") })
  .map(({ name, selector: only, backend }) =>
    resource("TrafficTrace", "default", name, { selectors: [only], conf: { backend } }),
  );

const anyRateLimit = fc
  .record({
    name: fc.constantFrom("l0", "l1"),
    source: selector,
    destination: selector,
    requests: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ name, source, destination, requests }) =>
    resource("RateLimit", "default", name, {
      sources: [source],
      destinations: [destination],
      conf: { http: { requests, interval: "1s" } },
    }),
  );
const anyFaultInjection = fc
  .record({ name: fc.constantFrom("f0", "f1"), source: selector, service })
  .map(({ name, source, service: to }) =>
    resource("FaultInjection", "default", name, {
      sources: [source],
      destinations: [{ match: { "kuma.io/service": to, "kuma.io/protocol": "http" } }],
      conf: { abort: { percentage: 10, httpStatus: 503 } },
    }),
  );

const matches = fc.constantFrom<object>(
  {},
  { matches: [{ spiffeID: { type: "Exact", value: "spiffe://default/a" } }] },
  { matches: [{ spiffeID: { type: "Prefix", value: "spiffe://default/" } }, { sni: { type: "Exact", value: "a.b" } }] },
);
const requestLimit = { local: { http: { requestRate: { num: 5, interval: "1s" } } } };
const connectionLimit = { local: { tcp: { connectionRate: { num: 5, interval: "1s" } } } };
const anyMeshRateLimit = fc
  .record({
    name: fc.constantFrom("q0", "q1"),
    targetRef: topLevel,
    rules: fc.array(
      fc.oneof(
        matches.map((match) => ({ ...match, default: requestLimit })),
        fc.constant({ default: connectionLimit }),
      ),
      { maxLength: 2 },
    ),
  })
  .map(({ name, targetRef, rules }) => resource("MeshRateLimit", "default", name, { targetRef, rules }));

const faults = { http: [{ abort: { httpStatus: 503, percentage: "2.5" } }] };
const anyMeshFaultInjection = fc
  .record({
    name: fc.constantFrom("i0", "i1"),
    targetRef: topLevel,
    lists: fc.oneof(
      matches.map((match): object => ({ rules: [{ ...match, default: faults }] })),
      service.map((name) => ({ from: [{ targetRef: { kind: "MeshService", name }, default: faults }] })),
    ),
  })
  .map(({ name, targetRef, lists }) => resource("MeshFaultInjection", "default", name, { targetRef, ...lists }));

const balancing = fc.constantFrom<object>(
  { loadBalancer: { type: "LeastRequest" } },
  { hashPolicies: [{ type: "Header", header: { name: "x-user" } }] },
  { localityAwareness: { disabled: true } },
  {
    localityAwareness: {
      localZone: { affinityTags: [{ key: "version" }, { key: "team" }] },
      crossZone: { failover: [{ from: { zones: ["west"] }, to: { type: "Only", zones: ["east"] } }, { to: { type: "Any" } }] },
    },
  },
);
const anyMeshLoadBalancingStrategy = fc
  .record({
    name: fc.constantFrom("b0", "b1"),
    targetRef: topLevel,
    to: fc.constantFrom<object>(
      { kind: "Mesh" },
      { kind: "MeshService", name: "a" },
      { kind: "MeshService", name: "b" },
      { kind: "MeshHTTPRoute", name: "h0" },
    ),
    conf: balancing,
  })
  .map(({ name, targetRef, to, conf }) =>
    resource("MeshLoadBalancingStrategy", "default", name, { targetRef, to: [{ targetRef: to, default: conf }] }),
  );

const lastingSeconds = fc.integer({ min: 1, max: 2 }).map((seconds) => `${seconds}s`);
const legacyConfs = {
  Timeout: lastingSeconds.map((connectTimeout) => ({ connectTimeout, http: { requestTimeout: connectTimeout } })),
  Retry: fc.integer({ min: 1, max: 2 }).map((numRetries) => ({ http: { numRetries }, tcp: { maxConnectAttempts: numRetries } })),
  CircuitBreaker: fc.integer({ min: 1, max: 2 }).map((maxRequests) => ({ thresholds: { maxRequests } })),
  HealthCheck: lastingSeconds.map((interval) => ({ interval, timeout: "1s", unhealthyThreshold: 1, healthyThreshold: 1 })),
} as const;
const anyLegacyResilience = fc
  .record({
    kind: fc.constantFrom(...(Object.keys(legacyConfs) as (keyof typeof legacyConfs)[])),
    name: fc.constantFrom("x0", "x1"),
    source: selector,
    destination: selector,
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
const anyMeshResilience = fc
  .record({
    kind: fc.constantFrom(...(Object.keys(resilienceConfs) as (keyof typeof resilienceConfs)[])),
    name: fc.constantFrom("y0", "y1"),
    targetRef: topLevel,
    to: fc.oneof(
      service.map((name) => ({ kind: "MeshService", name })),
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

export const anyResource: fc.Arbitrary<Resource> = fc.oneof(
  { weight: 3, arbitrary: anyMesh },
  { weight: 10, arbitrary: anyGatewayResource },
  { weight: 6, arbitrary: anyDataplane },
  { weight: 3, arbitrary: anyIngress },
  { weight: 1, arbitrary: anyMeshAccessLog },
  { weight: 1, arbitrary: anyOpenTelemetryBackend },
  { weight: 1, arbitrary: anyTrafficLog },
  { weight: 1, arbitrary: anyMeshTrace },
  { weight: 1, arbitrary: anyTrafficTrace },
  { weight: 1, arbitrary: anyMeshMetric },
  { weight: 3, arbitrary: anyTrafficRoute },
  { weight: 2, arbitrary: anyTrafficPermission },
  { weight: 2, arbitrary: anyMeshHttpRoute },
  { weight: 4, arbitrary: anyLegacyResilience },
  { weight: 4, arbitrary: anyMeshResilience },
  { weight: 2, arbitrary: anyMeshTrafficPermission },
  { weight: 2, arbitrary: anyMeshLoadBalancingStrategy },
  { weight: 3, arbitrary: anyShape },
  { weight: 1, arbitrary: anyRateLimit },
  { weight: 1, arbitrary: anyFaultInjection },
  { weight: 1, arbitrary: anyMeshRateLimit },
  { weight: 1, arbitrary: anyMeshFaultInjection },
  { weight: 3, arbitrary: anyName },
  { weight: 3, arbitrary: anyIdentity },
  { weight: 1, arbitrary: anyMeshZoneAddress },
  { weight: 4, arbitrary: anyMeshService },
  { weight: 2, arbitrary: anyMultiZoneService },
  { weight: 2, arbitrary: anyRouteOfServices },
  { weight: 1, arbitrary: anyPolicyOnServices },
  { weight: 2, arbitrary: anyZoneEgress },
  { weight: 2, arbitrary: anyExternalService },
  { weight: 2, arbitrary: anyMeshExternalService },
  { weight: 1, arbitrary: anyPolicyOnOutside },
);

const anyChange: fc.Arbitrary<ViewChange> = fc.oneof(
  { weight: 3, arbitrary: anyResource.map((put) => ({ op: "put", resource: put }) as const) },
  { weight: 1, arbitrary: anyResource.map((gone) => ({ op: "delete", key: parseKeyText(keyText(gone)) }) as const) },
);

export type Move =
  | { readonly type: "attach"; readonly proxy: ProxyDescription }
  | { readonly type: "detach"; readonly proxy: ProxyDescription }
  | { readonly type: "apply"; readonly changes: readonly ViewChange[] };

const anyProxy = fc.constantFrom(...proxies);
const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 2, arbitrary: anyProxy.map((proxy): Move => ({ type: "attach", proxy })) },
  { weight: 1, arbitrary: anyProxy.map((proxy): Move => ({ type: "detach", proxy })) },
  {
    weight: 9,
    arbitrary: fc.array(anyChange, { minLength: 1, maxLength: 4 }).map((changes): Move => ({ type: "apply", changes })),
  },
);

/** Begins with a mesh and all proxies attached, so that most moves matter. */
export const anyMoves: fc.Arbitrary<readonly Move[]> = fc
  .tuple(fc.array(anyDataplane, { minLength: 3, maxLength: 6 }), fc.array(anyMove, { minLength: 1, maxLength: 25 }))
  .map(([start, moves]) => [
    { type: "apply", changes: [mesh("default"), ...start].map((each) => ({ op: "put", resource: each })) },
    ...proxies.map((proxy): Move => ({ type: "attach", proxy })),
    ...moves,
  ]);
