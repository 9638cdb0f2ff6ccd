import type { Resource } from "@meridian/model";
import { expect, it } from "vitest";
import { ask, dataplane, linesOf, mesh, permission, resource, zone } from "./testing/mesh.ts";

const edge: Resource = resource(
  "Dataplane",
  "edge-1",
  { networking: { address: "10.0.0.9", gateway: { type: "BUILTIN", tags: { "kuma.io/service": "edge" } } } },
  { "kuma.io/zone": "east", "kuma.io/proxy-type": "gateway" },
);
const gateway = resource("MeshGateway", "edge", {
  selectors: [{ match: { "kuma.io/service": "edge" } }],
  conf: { listeners: [{ port: 8080, protocol: "HTTP", hostname: "*.shop.example", tags: { port: "http" } }] },
});
const routes = resource("MeshGatewayRoute", "shop", {
  selectors: [{ match: { "kuma.io/service": "edge" } }],
  conf: {
    http: {
      rules: [
        {
          matches: [{ path: { match: "PREFIX", value: "/beta" } }],
          backends: [{ weight: 1, destination: { "kuma.io/service": "benigno", version: "v2" } }],
        },
        {
          matches: [{ path: { match: "PREFIX", value: "/" } }],
          backends: [{ weight: 1, destination: { "kuma.io/service": "benigno", version: "v1" } }],
        },
      ],
    },
  },
});
const world = [
  mesh(),
  zone("east"),
  edge,
  gateway,
  routes,
  dataplane("benigno-1", { service: "benigno", version: "v1", host: 3 }),
  dataplane("benigno-2", { service: "benigno", version: "v2", host: 4 }),
  permission("edge-only", "edge", "benigno"),
];

it.each([
  ["a.shop.example", "/beta/x", "benigno v2"],
  ["a.shop.example:8080", "/", "benigno v1"],
])("what comes to a gateway for %s%s goes to %s", (to, path, name) => {
  const explained = ask(world, { from: "edge", to, path });
  expect(explained.destinations).toMatchObject([{ name, share: 1 }]);
  expect(explained.verdict).toMatchObject({ outcome: "reaches" });
  expect(explained.verdict.policies).toEqual(
    expect.arrayContaining(["MeshGatewayRoute/default/shop", "TrafficPermission/default/edge-only"]),
  );
  expect(linesOf(explained, "outbound")[0]).toBe("outbound: clients come to port 8080 of the gateway at 10.0.0.9:8080");
  expect(linesOf(explained, "identity")[0]).toBe("identity: mTLS as spiffe://default/edge");
});

it("what comes from another mesh goes where the routes of the gateway lead", () => {
  const listeners = [{ port: 8080, protocol: "HTTP", crossMesh: true, hostname: "orders.shop.example" }];
  const crossing = resource("MeshGateway", "edge", { ...(gateway.spec as object), conf: { listeners } });
  const explained = ask([...world.filter((each) => each !== gateway), crossing], { from: "edge", to: "orders.shop.example" });
  expect(explained.destinations).toMatchObject([{ name: "benigno v1", share: 1 }]);
  expect(explained.verdict).toMatchObject({ outcome: "reaches" });
});

it("nothing is claimed of what a route sends to a gateway of another mesh", () => {
  const destination = { "kuma.io/service": "edge", "kuma.io/mesh": "other" };
  const rules = [{ matches: [{ path: { match: "PREFIX", value: "/" } }], backends: [{ weight: 1, destination }] }];
  const crossing = { ...routes, spec: { ...(routes.spec as object), conf: { http: { rules } } } };
  const { verdict } = ask([...world.filter((each) => each !== routes), crossing], { from: "edge", to: "a.shop.example" });
  expect(verdict).toMatchObject({ outcome: "unknown", reason: "unseen" });
});

it.each(["other.example", "a.shop.example:9090"])("no listener of the gateway takes %s", (to) => {
  const { verdict, steps } = ask(world, { from: "edge", to });
  expect(verdict).toMatchObject({ outcome: "blocked", reason: "no-outbound" });
  expect(verdict.text).toContain("no listener of the gateway takes it");
  expect(steps[1]?.lines).toEqual(["it has outbounds for port 8080 of the gateway"]);
});

it("what a gateway sends to a MeshService is called by its name", () => {
  const service = resource("MeshService", "benigno", {
    selector: { dataplaneTags: { "kuma.io/service": "benigno" } },
    ports: [{ port: 80, targetPort: 8080, appProtocol: "http" }],
    identities: [{ type: "ServiceTag", value: "benigno" }],
    state: "Available",
  });
  const rules = [
    {
      matches: [{ path: { type: "PathPrefix", value: "/" } }],
      default: { backendRefs: [{ kind: "MeshService", name: "benigno", port: 80, weight: 1 }] },
    },
  ];
  const route = resource("MeshHTTPRoute", "real", {
    targetRef: { kind: "MeshGateway", name: "edge" },
    to: [{ targetRef: { kind: "Mesh" }, rules }],
  });
  const explained = ask([...world, mesh({ meshServices: { mode: "Everywhere" } }), service, route], {
    from: "edge",
    to: "a.shop.example",
  });
  expect(explained.destinations).toMatchObject([{ name: "MeshService benigno:80", share: 1 }]);
  expect(linesOf(explained, "endpoints")[0]).toBe("endpoints of MeshService benigno:80");
  expect(explained.verdict).toMatchObject({
    outcome: "reaches",
    policies: expect.arrayContaining(["MeshHTTPRoute/default/real"]),
  });
});
