import { expect, it } from "vitest";
import { dataplanePolicies } from "./dataplane-policies.ts";
import { policyAttachmentReader, policyMatcher } from "./policy-dataplanes.ts";
import { dataplaneOf, meshFrom, named } from "./testing/mesh.ts";

const any = '{match: {kuma.io/service: "*"}}';

const sidecars = `
type: Dataplane
mesh: default
name: web-1
networking:
  address: 10.0.0.1
  inbound:
    - {port: 8080, servicePort: 80, tags: {kuma.io/service: web, kuma.io/protocol: http}}
  outbound:
    - {port: 10001, tags: {kuma.io/service: orders}}
---
{type: Dataplane, mesh: default, name: other-1, networking: {address: 10.0.0.2, inbound: [{port: 80, tags: {kuma.io/service: other}}]}}
---
{type: TrafficPermission, mesh: default, name: all, sources: [${any}], destinations: [${any}]}
---
{type: TrafficPermission, mesh: default, name: to-web, sources: [${any}], destinations: [{match: {kuma.io/service: web}}]}
---
{type: FaultInjection, mesh: default, name: slow, sources: [${any}], destinations: [{match: {kuma.io/service: web, kuma.io/protocol: http}}],
  conf: {delay: {percentage: 10, value: 1s}}}
---
{type: TrafficRoute, mesh: default, name: moved, sources: [${any}], destinations: [{match: {kuma.io/service: orders}}],
  conf: {destination: {kuma.io/service: orders-v2}}}
---
{type: Timeout, mesh: default, name: soon, sources: [${any}], destinations: [${any}], conf: {connectTimeout: 1s}}
---
{type: Retry, mesh: default, name: again, sources: [${any}], destinations: [{match: {kuma.io/service: orders-v2}}], conf: {tcp: {maxConnectAttempts: 2}}}
---
{type: TrafficTrace, mesh: default, name: trace, selectors: [${any}], conf: {backend: zipkin}}
---
type: MeshTimeout
mesh: default
name: mesh-soon
spec:
  targetRef: {kind: MeshSubset, tags: {kuma.io/service: web}}
  to:
    - targetRef: {kind: MeshService, name: orders}
      default: {connectionTimeout: 2s}
---
type: MeshTrafficPermission
mesh: default
name: from-mesh
spec:
  targetRef: {kind: MeshService, name: web}
  from:
    - targetRef: {kind: Mesh}
      default: {action: Allow}
---
type: MeshTrace
mesh: default
name: spans
spec:
  default: {backends: []}
`;

it("tells what attaches to which part of a sidecar", () => {
  const mesh = meshFrom(sidecars);
  expect(named(dataplanePolicies(mesh, dataplaneOf(mesh, "web-1")))).toEqual({
    kind: "SidecarDataplane",
    total: 4,
    items: [
      { type: "dataplane", name: "", service: "", matchedPolicies: { TrafficTrace: ["trace"], MeshTrace: ["spans"] } },
      {
        type: "inbound",
        name: "10.0.0.1:8080:80",
        service: "web",
        matchedPolicies: { TrafficPermission: ["to-web"], FaultInjection: ["slow"], MeshTrafficPermission: ["from-mesh"] },
      },
      {
        type: "outbound",
        name: "127.0.0.1:10001",
        service: "orders",
        matchedPolicies: { TrafficRoute: ["moved"], Timeout: ["soon"], MeshTimeout: ["mesh-soon"] },
      },
      { type: "service", name: "orders-v2", service: "orders-v2", matchedPolicies: { Retry: ["again"] } },
    ],
  });
});

it("tells to which parts of which data planes a policy attaches", () => {
  const mesh = meshFrom(sidecars);
  const attachmentsOf = (kind: string, name: string) => {
    const policy = mesh.list(kind).find((each) => each.name === name);
    if (!policy) throw new Error(`no ${kind} ${name}`);
    const read = policyAttachmentReader(mesh, policy);
    const matches = policyMatcher(mesh, policy);
    return mesh.list<never>("Dataplane").flatMap((dataplane) => {
      const item = read(dataplane);
      expect(matches(dataplane), `${name} and ${dataplane.name}`).toBe(item !== undefined);
      return item ? [item] : [];
    });
  };
  expect(attachmentsOf("Retry", "again")).toEqual([
    {
      kind: "SidecarDataplane",
      dataplane: { mesh: "default", name: "web-1" },
      attachments: [{ type: "service", name: "orders-v2", service: "orders-v2" }],
    },
  ]);
  expect(attachmentsOf("TrafficPermission", "all")).toMatchObject([{ dataplane: { name: "other-1" } }]);
  expect(attachmentsOf("MeshTimeout", "mesh-soon")).toMatchObject([
    { dataplane: { name: "web-1" }, attachments: [{ type: "outbound", name: "127.0.0.1:10001", service: "orders" }] },
  ]);
  expect(attachmentsOf("MeshTrace", "spans")).toHaveLength(2);
});

const gateway = `
{type: Dataplane, mesh: default, name: edge-1, networking: {address: 10.0.0.9, gateway: {type: BUILTIN, tags: {kuma.io/service: edge}}}}
---
type: MeshGateway
mesh: default
name: edge
selectors: [{match: {kuma.io/service: edge}}]
conf:
  listeners:
    - {port: 80, protocol: HTTP, hostname: "*.shop.example", tags: {door: plain}}
---
type: MeshGatewayRoute
mesh: default
name: shop
selectors: [{match: {kuma.io/service: edge, door: plain}}]
conf:
  http:
    hostnames: [www.shop.example, elsewhere.example]
    rules:
      - matches: [{path: {match: PREFIX, value: /}}]
        backends: [{weight: 1, destination: {kuma.io/service: orders}}]
---
{type: Timeout, mesh: default, name: soon, sources: [${any}], destinations: [{match: {kuma.io/service: orders}}], conf: {connectTimeout: 1s}}
---
type: MeshRetry
mesh: default
name: again
spec:
  targetRef: {kind: MeshGateway, name: edge}
  to:
    - targetRef: {kind: Mesh}
      default: {tcp: {maxConnectAttempt: 2}}
`;

it("shows a gateway by listeners, hosts and routes", () => {
  const mesh = meshFrom(gateway);
  expect(named(dataplanePolicies(mesh, dataplaneOf(mesh, "edge-1")))).toEqual({
    kind: "MeshGatewayDataplane",
    gateway: { mesh: "default", name: "edge" },
    listeners: [
      {
        port: 80,
        protocol: "HTTP",
        hosts: [
          { hostName: "*.shop.example", routes: [] },
          {
            hostName: "www.shop.example",
            routes: [
              {
                route: "shop",
                destinations: [{ tags: { "kuma.io/service": "orders" }, policies: { Timeout: "soon" } }],
              },
            ],
          },
        ],
      },
    ],
    policies: { MeshRetry: "again" },
  });
});

it("reduces a gateway to what a policy is for", () => {
  const mesh = meshFrom(gateway);
  const [timeout] = mesh.list("Timeout");
  const [route] = mesh.list("MeshGatewayRoute");
  const expected = {
    kind: "MeshGatewayDataplane",
    dataplane: { mesh: "default", name: "edge-1" },
    gateway: { mesh: "default", name: "edge" },
    listeners: [
      {
        port: 80,
        protocol: "HTTP",
        hosts: [{ hostName: "www.shop.example", routes: [{ route: "shop", destinations: [{ "kuma.io/service": "orders" }] }] }],
      },
    ],
  };
  for (const policy of [timeout, route]) {
    if (!policy) throw new Error("a policy expected");
    expect(policyAttachmentReader(mesh, policy)(dataplaneOf(mesh, "edge-1"))).toEqual(expected);
  }
});
