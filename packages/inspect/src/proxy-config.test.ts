import { expect, it } from "vitest";
import { proxyConfig, shadowView, zoneView } from "./proxy-config.ts";
import { dataplaneOf, meshFrom } from "./testing/mesh.ts";

const any = '{match: {kuma.io/service: "*"}}';
const mesh = meshFrom(`
type: Dataplane
mesh: default
name: web-1
networking:
  address: 10.0.0.1
  inbound: [{port: 8080, tags: {kuma.io/service: web, kuma.io/protocol: http}}]
  outbound: [{port: 10001, tags: {kuma.io/service: orders}}]
---
{type: TrafficRoute, mesh: default, name: all, labels: {kuma.io/effect: shadow}, sources: [${any}], destinations: [${any}], conf: {destination: {kuma.io/service: moved}}}
---
type: MeshHTTPRoute
mesh: default
name: shadow
labels: {kuma.io/effect: shadow}
spec:
  to:
    - targetRef: {kind: MeshService, name: orders}
      rules: [{matches: [{path: {type: PathPrefix, value: /v2}}], default: {backendRefs: [{kind: MeshService, name: web}]}}]
---
{type: Dataplane, mesh: default, name: orders-1, networking: {address: 10.0.0.2, inbound: [{port: 80, tags: {kuma.io/service: orders, kuma.io/protocol: http}}]}}
`);

const zone = { zone: "east", resources: [mesh.mesh, ...["Dataplane", "MeshHTTPRoute"].flatMap((kind) => mesh.list(kind))] };
const options = {
  view: zoneView(zone),
  proxy: {
    id: "default.web-1",
    type: "dataplane",
    mesh: "default",
    name: dataplaneOf(mesh, "web-1").name,
    features: new Set<string>(),
    admin: { address: "127.0.0.1", port: 9901 },
  },
} as const;
const routeType = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";

it("shows what a proxy should hold, by type and name", () => {
  const { xds, diff } = proxyConfig({ ...options, withDiff: false });
  expect(Object.keys(xds["type.googleapis.com/envoy.config.listener.v3.Listener"] ?? {})).toContain("inbound:10.0.0.1:8080");
  expect(JSON.stringify(xds[routeType])).not.toContain("/v2");
  expect(diff).toBeUndefined();
  expect(proxyConfig({ ...options, withDiff: true }).diff).toEqual([]);
});

it("shows what shadow policies would change", () => {
  const { xds, diff } = proxyConfig({ ...options, shadow: shadowView(zone), withDiff: true });
  expect(JSON.stringify(xds[routeType])).toContain("/v2");
  expect(diff?.length).toBeGreaterThan(0);
  expect(diff?.every(({ path }) => path.startsWith("/type.googleapis.com~1envoy.config."))).toBe(true);
});
