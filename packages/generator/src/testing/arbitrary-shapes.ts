import type { Resource } from "@meridian/model";
import fc from "fast-check";
import { resource } from "./resources.ts";

/** Policies that shape listeners, TLS or whole configs: MeshTCPRoute, MeshTLS, MeshPassthrough and the patches of both generations. */

const topLevel = fc.constantFrom<object>(
  { kind: "Mesh" },
  { kind: "Dataplane", name: "d1" },
  { kind: "Dataplane", labels: { team: "x" } },
  { kind: "MeshSubset", tags: { version: "v1" } },
);
const name = fc.constantFrom("s0", "s1");

const anyMeshTcpRoute = fc
  .record({
    name,
    targetRef: topLevel,
    to: fc.constantFrom("a", "b"),
    backendRefs: fc.uniqueArray(
      fc.constantFrom<object>(
        { kind: "MeshService", name: "a" },
        { kind: "MeshService", name: "c", weight: 0 },
        { kind: "MeshServiceSubset", name: "b", tags: { version: "v1" }, weight: 2 },
      ),
      { minLength: 1 },
    ),
  })
  .map(({ name: called, targetRef, to, backendRefs }) =>
    resource("MeshTCPRoute", "default", called, {
      targetRef,
      to: [{ targetRef: { kind: "MeshService", name: to }, rules: [{ default: { backendRefs } }] }],
    }),
  );

const tlsConfs = [
  { mode: "Permissive" },
  { mode: "Strict", tlsVersion: { min: "TLS12" } },
  { tlsVersion: { min: "TLS13", max: "TLS13" } },
  { tlsCiphers: ["ECDHE-ECDSA-AES128-GCM-SHA256"] },
];
const anyMeshTls = fc
  .record({ name, targetRef: topLevel, conf: fc.constantFrom<object>(...tlsConfs) })
  .map(({ name: called, targetRef, conf }) => resource("MeshTLS", "default", called, { targetRef, rules: [{ default: conf }] }));

const passthroughs = [
  { passthroughMode: "All" },
  { passthroughMode: "None" },
  { passthroughMode: "Matched", appendMatch: [{ type: "Domain", value: "example.com", protocol: "tls", port: 443 }] },
  { passthroughMode: "Matched", appendMatch: [{ type: "CIDR", value: "10.0.0.0/8", protocol: "tcp" }] },
];
const anyMeshPassthrough = fc
  .record({ name, targetRef: topLevel, conf: fc.constantFrom<object>(...passthroughs) })
  .map(({ name: called, targetRef, conf }) => resource("MeshPassthrough", "default", called, { targetRef, default: conf }));

const patches = [
  { cluster: { operation: "Remove", match: { name: "a" } } },
  { cluster: { operation: "Patch", match: { origin: "outbound" }, value: "connectTimeout: 3s" } },
  { listener: { operation: "Patch", match: { origin: "inbound" }, value: "perConnectionBufferLimitBytes: 1024" } },
  { virtualHost: { operation: "Patch", match: { name: "b" }, value: "includeRequestAttemptCount: true" } },
  { networkFilter: { operation: "Remove", match: { name: "envoy.filters.network.rbac" } } },
];
const appendModifications = fc.uniqueArray(fc.constantFrom<object>(...patches), { minLength: 1, maxLength: 2 });
const anyMeshProxyPatch = fc
  .record({ name, targetRef: topLevel, appendModifications })
  .map(({ name: called, targetRef, ...rest }) => resource("MeshProxyPatch", "default", called, { targetRef, default: rest }));

const modifications = [
  { cluster: { operation: "remove", match: { name: "b" } } },
  { cluster: { operation: "patch", match: { origin: "outbound" }, value: "connectTimeout: 4s" } },
];
const anyProxyTemplate = fc
  .record({
    name,
    selector: fc.constantFrom<object>(
      { "kuma.io/service": "*" },
      { "kuma.io/service": "a" },
      { "kuma.io/service": "a", version: "v1" },
    ),
    modifications: fc.subarray<object>(modifications, { minLength: 1 }),
  })
  .map(({ name: called, selector, modifications: list }) =>
    resource("ProxyTemplate", "default", called, {
      selectors: [{ match: selector }],
      conf: { imports: ["default-proxy"], modifications: list },
    }),
  );

export const anyShape: fc.Arbitrary<Resource> = fc.oneof(
  { weight: 2, arbitrary: anyMeshTcpRoute },
  { weight: 1, arbitrary: anyMeshTls },
  { weight: 1, arbitrary: anyMeshPassthrough },
  { weight: 1, arbitrary: anyMeshProxyPatch },
  { weight: 1, arbitrary: anyProxyTemplate },
);
