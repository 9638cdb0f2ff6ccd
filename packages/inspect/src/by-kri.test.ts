import { expect, it } from "vitest";
import { inboundPolicies, outboundPolicies, outboundRoutes, proxyPolicies, routePolicies } from "./by-kri.ts";
import { dataplaneLayout } from "./layout.ts";
import { dataplaneOf, meshFrom } from "./testing/mesh.ts";

const mesh = meshFrom(
  `
type: Dataplane
mesh: default
name: web-1
labels: {kuma.io/zone: east}
networking:
  address: 10.0.0.1
  inbound:
    - {port: 8080, name: http, tags: {kuma.io/service: web, kuma.io/protocol: http}}
  outbound:
    - {port: 10001, backendRef: {kind: MeshService, name: orders, port: 80}}
    - {port: 10002, backendRef: {kind: MeshService, name: nobody, port: 80}}
---
type: Dataplane
mesh: default
name: redirected-1
networking:
  address: 10.0.0.2
  transparentProxying: {redirectPortInbound: 15006, redirectPortOutbound: 15001}
---
type: MeshService
mesh: default
name: orders
labels: {kuma.io/zone: east}
spec: {selector: {dataplaneTags: {kuma.io/service: orders}}, ports: [{port: 80, name: http, appProtocol: http}]}
status: {vips: [{ip: 241.0.0.1}]}
---
{type: MeshExternalService, mesh: default, name: maps, spec: {match: {type: HostnameGenerator, port: 443, protocol: http}, endpoints: [{address: maps.example, port: 443}]}, status: {vip: {ip: 242.0.0.1}}}
---
{type: MeshTimeout, mesh: default, name: in, spec: {rules: [{default: {idleTimeout: 1m}}]}}
---
{type: MeshTimeout, mesh: default, name: b, spec: {to: [{targetRef: {kind: Mesh}, default: {connectionTimeout: 5s}}]}}
---
{type: MeshTimeout, mesh: default, name: a, spec: {to: [{targetRef: {kind: MeshService, name: orders}, default: {idleTimeout: 9s}}]}}
---
{type: MeshTimeout, mesh: default, name: r, spec: {to: [{targetRef: {kind: MeshHTTPRoute, name: canary}, default: {http: {requestTimeout: 1s}}}]}}
---
{type: MeshTrace, mesh: default, name: spans, spec: {default: {backends: []}}}
---
type: MeshHTTPRoute
mesh: default
name: canary
spec:
  to:
    - targetRef: {kind: MeshService, name: orders}
      rules: [{matches: [{path: {type: PathPrefix, value: /v2}}], default: {backendRefs: [{kind: MeshService, name: orders, port: 80}]}}]
`,
  { meshServices: { mode: "Exclusive" } },
);
const web = dataplaneOf(mesh, "web-1");
const orders = "kri_msvc_default_east__orders_http";
const canary = "kri_mhttpr_default___canary_";

it("lays out a proxy: its inbounds, and outbounds to resources that exist", () => {
  expect(dataplaneLayout(mesh, web)).toMatchObject({
    kri: "kri_dp_default_east__web-1_",
    inbounds: [{ kri: "kri_dp_default_east__web-1_http", port: 8080, protocol: "http", proxyResourceName: "self_inbound_http" }],
    listeners: [],
    outbounds: [{ kri: orders, port: 10001, protocol: "http", proxyResourceName: orders }],
  });
  expect(dataplaneLayout(mesh, dataplaneOf(mesh, "redirected-1"))).toMatchObject({
    outbounds: [
      { kri: "kri_extsvc_default___maps_", port: 443 },
      { kri: orders, port: 80 },
    ],
  });
});

it("answers for the proxy, an inbound and an outbound", () => {
  expect(proxyPolicies(mesh, web)).toEqual({
    policies: [{ kind: "MeshTrace", conf: expect.anything(), origins: [{ kri: "kri_mtr_default___spans_" }] }],
  });
  expect(inboundPolicies(mesh, web, "kri_dp_default_east__web-1_http")).toEqual({
    policies: [
      {
        kind: "MeshTimeout",
        rules: [{ kri: "kri_mt_default___in_", conf: { idleTimeout: "1m0s" } }],
        origins: [{ kri: "kri_mt_default___in_" }],
      },
    ],
  });
  expect(inboundPolicies(mesh, web, "kri_dp_default_east__web-1_admin")).toBeUndefined();
  expect(outboundPolicies(mesh, web, orders)).toEqual({
    policies: [
      {
        kind: "MeshTimeout",
        conf: { connectionTimeout: "5s", idleTimeout: "9s" },
        origins: [{ kri: "kri_mt_default___b_" }, { kri: "kri_mt_default___a_" }],
      },
    ],
  });
  expect(outboundPolicies(mesh, web, "kri_msvc_default_east__nobody_80")).toBeUndefined();
});

it("answers for the routes of an outbound: what is for a route takes the place of what is for its service", () => {
  expect(outboundRoutes(mesh, web, orders)).toMatchObject({
    routes: [
      {
        kind: "MeshHTTPRoute",
        rules: [{ kri: canary, matches: [{ path: { value: "/v2" } }], conf: { backendRefs: [{ name: "orders" }] } }],
        origins: [{ kri: canary }],
      },
    ],
  });
  expect(routePolicies(mesh, web, { outboundKri: orders, routeKri: canary })).toMatchObject({
    policies: [{ kind: "MeshTimeout", conf: { connectionTimeout: "5s", http: { requestTimeout: "1s" } } }],
  });
  expect(routePolicies(mesh, web, { outboundKri: orders, routeKri: "kri_mhttpr_default___other_" })).toBeUndefined();
});
