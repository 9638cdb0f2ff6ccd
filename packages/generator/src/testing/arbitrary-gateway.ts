import type { Resource, Tags } from "@meridian/model";
import fc from "fast-check";
import type { ProxyDescription } from "../types.ts";
import { resource, sidecar } from "./resources.ts";

/** Builtin gateways among the sidecars of `arbitrary.ts`, and everything that is about gateways. */
const names = ["g0", "g1"];
export const gateways: readonly ProxyDescription[] = names.map((name) => sidecar("default", name));

const service = fc.constantFrom("a", "b", "c");
const gatewayTags = fc.constantFrom<Tags>(
  { "kuma.io/service": "edge" },
  { "kuma.io/service": "edge", tier: "public" },
  { "kuma.io/service": "a" },
);
const anyGatewayDataplane = fc
  .record({
    name: fc.constantFrom(...names),
    host: fc.integer({ min: 1, max: 2 }),
    type: fc.constantFrom("BUILTIN", "BUILTIN", "DELEGATED"),
    tags: gatewayTags,
  })
  .map(({ name, host, type, tags }) => {
    const outbound = type === "DELEGATED" ? [{ port: 10_001, tags: { "kuma.io/service": "a" } }] : [];
    const spec = { networking: { address: `10.0.1.${host}`, gateway: { type, tags }, outbound } };
    return resource("Dataplane", "default", name, spec, { "kuma.io/proxy-type": "gateway" });
  });

const hostname = fc.constantFrom("", "*", "*.shop", "www.shop");
const listener = fc.record({
  port: fc.constantFrom(8080, 8081),
  protocol: fc.constantFrom("HTTP", "HTTP", "HTTPS", "TCP", "TLS"),
  hostname,
  tags: fc.constantFrom<Tags>({}, { door: "x" }),
  tls: fc.constantFrom<object>(
    { mode: "TERMINATE", certificates: [{ secret: "s" }] },
    { mode: "PASSTHROUGH" },
    { mode: "TERMINATE", certificates: [] },
  ),
  crossMesh: fc.constantFrom(false, false, true),
});
const anyMeshGateway = fc
  .record({
    name: fc.constantFrom("w0", "w1"),
    match: gatewayTags,
    tags: fc.constantFrom<Tags>({}, { wide: "y" }),
    listeners: fc.array(listener, { minLength: 1, maxLength: 4 }),
  })
  .map(({ name, match, tags, listeners }) =>
    resource("MeshGateway", "default", name, { selectors: [{ match }], tags, conf: { listeners } }),
  );

const destination = fc.tuple(service, fc.constantFrom<Tags>({}, { version: "v1" })).map(([name, tags]) => ({
  "kuma.io/service": name,
  ...tags,
}));
const backends = fc.array(fc.record({ weight: fc.integer({ min: 0, max: 2 }), destination }), { minLength: 1, maxLength: 2 });
const rule = fc
  .record({ path: fc.constantFrom("/", "/x"), prefix: fc.boolean(), backends })
  .map(({ path, prefix, ...rest }) => ({ matches: [{ path: { match: prefix ? "PREFIX" : "EXACT", value: path } }], ...rest }));
const anyMeshGatewayRoute = fc
  .record({
    name: fc.constantFrom("u0", "u1"),
    match: fc.constantFrom<Tags>({ "kuma.io/service": "edge" }, { "kuma.io/service": "*", door: "x" }),
    conf: fc.oneof(
      fc
        .record({ hostnames: fc.array(hostname, { maxLength: 2 }), rules: fc.array(rule, { minLength: 1, maxLength: 2 }) })
        .map((http): object => ({ http })),
      backends.map((each): object => ({ tcp: { rules: [{ backends: each }] } })),
    ),
  })
  .map(({ name, match, conf }) => resource("MeshGatewayRoute", "default", name, { selectors: [{ match }], conf }));

const target = fc.constantFrom<object>(
  { kind: "MeshGateway", name: "w0" },
  { kind: "MeshGateway", name: "w1", tags: { door: "x" } },
);
const ref = service.map((name) => ({ kind: "MeshServiceSubset", name, tags: {} }));
const anyMeshRoute = fc
  .record({
    name: fc.constantFrom("h0", "h2"),
    targetRef: target,
    backendRefs: fc.array(ref, { maxLength: 2 }),
    isHttp: fc.boolean(),
  })
  .map(({ name, targetRef, backendRefs, isHttp }) => {
    const matches = [{ path: { type: "PathPrefix", value: "/y" } }];
    const rules = [{ ...(isHttp && { matches }), default: { backendRefs } }];
    const to = [{ targetRef: { kind: "Mesh" }, ...(isHttp && { hostnames: ["www.shop"] }), rules }];
    return resource(isHttp ? "MeshHTTPRoute" : "MeshTCPRoute", "default", name, { targetRef, to });
  });

const confs = {
  MeshTimeout: { connectionTimeout: "2s", http: { requestTimeout: "2s" } },
  MeshRetry: { http: { numRetries: 2 }, tcp: { maxConnectAttempt: 2 } },
  MeshCircuitBreaker: { connectionLimits: { maxRequests: 2 } },
  MeshHealthCheck: { interval: "2s", http: {}, tcp: {} },
  MeshRateLimit: { local: { http: { requestRate: { num: 5, interval: "1s" } } } },
  MeshFaultInjection: { http: [{ abort: { httpStatus: 503, percentage: "2.5" } }] },
  MeshLoadBalancingStrategy: { loadBalancer: { type: "LeastRequest" } },
  MeshAccessLog: { backends: [{ type: "File", file: { path: "/tmp/a.log" } }] },
} as const;
const anyGatewayPolicy = fc
  .record({
    kind: fc.constantFrom(...(Object.keys(confs) as (keyof typeof confs)[])),
    name: fc.constantFrom("y0", "y2"),
    targetRef: fc.oneof(
      target,
      fc.constantFrom({ kind: "Mesh", proxyTypes: ["Gateway"] }, { kind: "MeshHTTPRoute", name: "h0" }),
    ),
    isAboutClients: fc.boolean(),
  })
  .map(({ kind, name, targetRef, isAboutClients }) => {
    const entry = { default: confs[kind] };
    const lists =
      kind === "MeshTimeout" && isAboutClients ? { rules: [entry] } : { to: [{ targetRef: { kind: "Mesh" }, ...entry }] };
    return resource(kind, "default", name, { targetRef, ...lists });
  });

const patch = { httpFilter: { operation: "AddFirst", match: { origin: "gateway" }, value: "name: f" } };
const removal = { listener: { operation: "Remove", match: { name: "w0:HTTP:8080" } } };
const anyGatewayPatch = fc
  .record({ targetRef: target, modification: fc.constantFrom<object>(patch, removal) })
  .map(({ targetRef, modification }) =>
    resource("MeshProxyPatch", "default", "m0", { targetRef, default: { appendModifications: [modification] } }),
  );

export const anyGatewayResource: fc.Arbitrary<Resource> = fc.oneof(
  { weight: 3, arbitrary: anyGatewayDataplane },
  { weight: 3, arbitrary: anyMeshGateway },
  { weight: 3, arbitrary: anyMeshGatewayRoute },
  { weight: 1, arbitrary: anyMeshRoute },
  { weight: 2, arbitrary: anyGatewayPolicy },
  { weight: 1, arbitrary: anyGatewayPatch },
);
