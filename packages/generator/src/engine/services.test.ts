import { type EncodedResource, typeUrls } from "@meridian/envoy";
import type { Resource, Tags } from "@meridian/model";
import { expect, test } from "vitest";
import { decodeResource } from "../testing/golden.ts";
import { dataplane, ingress, mesh, resource, sidecar } from "../testing/resources.ts";
import type { ConfigEngine, ViewChange } from "../types.ts";
import { createConfigEngine } from "./engine.ts";

// What a change of a real service sends: what it makes different, to whom it does.

const put = (...resources: readonly Resource[]): readonly ViewChange[] =>
  resources.map((each) => ({ op: "put", resource: each }));

const ordersLabels = { "kuma.io/origin": "zone", "kuma.io/zone": "west" };

function meshService(spec: object = {}, labels: Tags = ordersLabels, name = "orders"): Resource {
  const whole = {
    selector: { dataplaneTags: { "kuma.io/service": "orders" } },
    ports: [{ port: 80, name: "http", targetPort: 8080, appProtocol: "http" }],
    identities: [{ type: "ServiceTag", value: "orders" }],
    state: "Available",
    ...spec,
  };
  return resource("MeshService", "default", name, whole, labels);
}

function eastern(spec: object = {}): Resource {
  const labels = { "kuma.io/origin": "global", "kuma.io/zone": "east", "kuma.io/display-name": "orders" };
  return meshService(spec, labels, "orders-east");
}

const joined = resource("MeshMultiZoneService", "default", "orders", {
  selector: { meshService: { matchLabels: { "kuma.io/display-name": "orders" } } },
  ports: [{ port: 80, appProtocol: "http" }],
});

function at(service: Resource, ip: string): Resource {
  return { ...service, status: { vips: [{ ip }] } };
}

function client(name: string, ...backendRefs: readonly object[]): Resource {
  const outbound = backendRefs.map((backendRef, index) => ({ port: 10_001 + index, backendRef }));
  return dataplane({ name, address: `10.0.1.${name.slice(-1)}`, inbound: [], outbound });
}

/** Redirected: it takes what is sent to addresses of services. */
function redirected(name: string, more: object = {}): Resource {
  return dataplane({ name, address: "10.0.1.9", transparentProxying: { redirectPortOutbound: 15_001, ...more } });
}

function server(name: string, service = "orders"): Resource {
  const inbound = [{ port: 8080, tags: { "kuma.io/service": service, "kuma.io/protocol": "http" } }];
  return dataplane({ name, address: `10.0.2.${name.slice(-1)}`, inbound });
}

function zoneIngress(zone: string, host: number): Resource {
  const networking = { address: "10.9.9.9", port: 10_000, advertisedAddress: `192.0.2.${host}`, advertisedPort: 30_000 };
  return resource("ZoneIngress", "", `zi-${zone}`, { zone, networking });
}

const toOrders = { kind: "MeshService", name: "orders", port: 80 };
const toJoined = { kind: "MeshMultiZoneService", name: "orders", port: 80 };

function started(...resources: readonly Resource[]): ConfigEngine {
  const engine = createConfigEngine({ zone: "west" });
  const own = resources.filter(({ name, kind }) => kind === "Dataplane" && /^(web|vip)/.test(name));
  engine.apply(put(mesh("default"), zoneIngress("west", 1), ...resources));
  for (const { name } of own) engine.attach(sidecar("default", name));
  engine.attach(ingress("zi-west"));
  return engine;
}

/** By proxy, the types and names of what it is sent. */
function sent(engine: ConfigEngine, ...changes: readonly ViewChange[]): Readonly<Record<string, readonly string[]>> {
  const updates = [...engine.apply(changes)].sort(([a], [b]) => (a < b ? -1 : 1));
  const typeOf = (url: string) => Object.entries(typeUrls).find(([, each]) => each === url)?.[0];
  return Object.fromEntries(
    updates.map(([id, { patch }]) => [
      id,
      [
        ...patch.changed.map(({ typeUrl, name }) => `${typeOf(typeUrl)} ${name}`).sort(),
        ...patch.removed.map(({ typeUrl, name }) => `no ${typeOf(typeUrl)} ${name}`).sort(),
      ],
    ]),
  );
}

const cluster = "default_orders__west_msvc_80";
const joinedCluster = "default_orders___mzsvc_80";

test("an endpoint that joins is the one assignment of its service, at its clients and at the ingress", () => {
  const engine = started(
    meshService(),
    server("orders-1"),
    client("web-1", toOrders),
    client("web-2", toOrders),
    client("web-3"),
  );
  const update = sent(engine, ...put(server("orders-2")));
  expect(update["default.web-1"]).toEqual([`endpoint ${cluster}`]);
  expect(update["default.web-2"]).toEqual([`endpoint ${cluster}`]);
  expect(Object.keys(update).sort()).toEqual([".zi-west", "default.web-1", "default.web-2"]);
  expect(update[".zi-west"]).toEqual(["endpoint default:orders", `endpoint ${cluster}`]);
  expect(sent(engine, ...put(server("carts-3", "carts")))["default.web-1"]).toBeUndefined();
});

test("status, state and the same again send nothing", () => {
  const engine = started(meshService(), server("orders-1"), client("web-1", toOrders));
  expect(sent(engine, ...put(meshService()))).toEqual({});
  expect(sent(engine, ...put(meshService({ state: "Unavailable" })))).toEqual({});
  expect(sent(engine, ...put({ ...meshService(), status: { dataplaneProxies: { connected: 1 } } }))).toEqual({});
});

test("another identity of its servers is one cluster", () => {
  const engine = started(meshService(), server("orders-1"), client("web-1", toOrders), client("web-2"));
  const identities = [{ type: "SpiffeID", value: "spiffe://west/orders" }];
  expect(sent(engine, ...put(meshService({ identities })))).toEqual({ "default.web-1": [`cluster ${cluster}`] });
});

test("a selector of labels follows the data planes that have them", () => {
  const byLabel = meshService({ selector: { dataplaneLabels: { matchLabels: { team: "money" } } } });
  const engine = started(byLabel, client("web-1", toOrders));
  const member = { ...server("pay-1", "pay"), labels: { team: "money" } };
  expect(sent(engine, ...put(member))["default.web-1"]).toEqual([`endpoint ${cluster}`]);
  expect(sent(engine, ...put(server("pay-1", "pay")))["default.web-1"]).toEqual([`endpoint ${cluster}`]);
  expect(sent(engine, ...put(server("pay-2", "pay")))["default.web-1"]).toBeUndefined();
});

test("another zone counts for a joined service as soon as somebody serves there", () => {
  const engine = started(meshService(), joined, server("orders-1"), zoneIngress("east", 2), client("web-1", toJoined));
  expect(sent(engine, ...put(eastern({ state: "Unavailable" })))).toEqual({});
  expect(sent(engine, ...put(eastern()))).toEqual({ "default.web-1": [`endpoint ${joinedCluster}`] });
  expect(sent(engine, ...put(zoneIngress("east", 3)))).toEqual({ "default.web-1": [`endpoint ${joinedCluster}`] });
  expect(sent(engine, ...put(zoneIngress("north", 4)))).toEqual({});
});

test("a service with an address is an outbound of all who reach it, and one patch for them", () => {
  const nothing = { reachableBackends: { refs: [] } };
  const engine = started(redirected("vip-1"), redirected("vip-2"), redirected("vip-3", nothing), client("web-1"));
  const updates = engine.apply(put(at(meshService(), "241.0.0.1")));
  expect([...updates.keys()].filter((id) => id !== ".zi-west").sort()).toEqual(["default.vip-1", "default.vip-2"]);
  expect(updates.get("default.vip-1")?.patch).toBe(updates.get("default.vip-2")?.patch);
  expect(updates.get("default.vip-1")?.patch.changed.map(({ name }) => name)).toContain("outbound:241.0.0.1:80");
  expect(sent(engine, ...put(at(meshService({ state: "Unavailable" }), "241.0.0.1")))).toEqual({});
  expect(sent(engine, ...put(at(meshService(), "241.0.0.2")))["default.vip-1"]).toEqual([
    "listener outbound:241.0.0.2:80",
    "no listener outbound:241.0.0.1:80",
  ]);
});

test("a data plane that names what it reaches gets that and no other", () => {
  const engine = started(redirected("vip-1", { reachableBackends: { refs: [{ kind: "MeshService", name: "orders" }] } }));
  const carts = at(meshService({}, ordersLabels, "carts"), "241.0.0.7");
  expect(sent(engine, ...put(carts))["default.vip-1"]).toBeUndefined();
  expect(sent(engine, ...put(at(meshService(), "241.0.0.1")))["default.vip-1"]).toContain("listener outbound:241.0.0.1:80");
});

test("a policy on one port of one service is about that alone", () => {
  const ports = ["http", "admin"].map((name, index) => ({ port: 80 + index, name, targetPort: 8080, appProtocol: "http" }));
  const refs = [toOrders, { ...toOrders, port: 81 }];
  const engine = started(meshService({ ports }), server("orders-1"), client("web-1", ...refs), client("web-2"));
  const timeout = (connectionTimeout: string) =>
    resource("MeshTimeout", "default", "t", {
      to: [{ targetRef: { kind: "MeshService", name: "orders", sectionName: "admin" }, default: { connectionTimeout } }],
    });
  expect(sent(engine, ...put(timeout("3s")))).toEqual({ "default.web-1": ["cluster default_orders__west_msvc_81"] });
  expect(sent(engine, ...put({ ...timeout("3s"), version: 2 }))).toEqual({});
});

test("names in a policy of another zone mean what is there", () => {
  const toEast = { kind: "MeshService", labels: { "kuma.io/zone": "east" }, port: 80 };
  const zones = [meshService(), eastern(), server("orders-1"), zoneIngress("east", 2)];
  const engine = started(...zones, client("web-1", toOrders, toEast), client("web-2", toOrders));
  const ofEast = { "kuma.io/origin": "global", "kuma.io/zone": "east" };
  const targetRef = { kind: "MeshService", name: "orders" };
  const timeout = resource("MeshTimeout", "default", "t", { to: [{ targetRef, default: { connectionTimeout: "3s" } }] }, ofEast);
  expect(sent(engine, ...put(timeout))).toEqual({ "default.web-1": ["cluster default_orders__east_msvc_80"] });
  const rule = { matches: [{ path: { type: "Exact", value: "/x" } }], default: { backendRefs: [{ ...toOrders, weight: 1 }] } };
  const route = resource("MeshHTTPRoute", "default", "r", { to: [{ targetRef, rules: [rule] }] }, ofEast);
  const name = "kri_msvc_default_east__orders_http";
  const patch = engine.apply(put(route)).get("default.web-1")?.patch;
  expect(patch?.changed.map((each) => each.name)).toEqual([name]);
  expect(JSON.stringify(decodeResource(patch?.changed[0] as EncodedResource))).not.toContain("west");
});

const listener = "listener outbound:127.0.0.1:10001";
const route = "route kri_msvc_default_west__orders_http";
const log = { type: "File", file: { path: "/tmp/a.log" } };

/** Kind, conf, and what a client of the service is sent. */
const kinds: readonly [string, object, readonly string[]][] = [
  ["MeshRetry", { http: { numRetries: 3 } }, [route]],
  ["MeshCircuitBreaker", { connectionLimits: { maxRequests: 7 } }, [`cluster ${cluster}`]],
  ["MeshHealthCheck", { interval: "5s", http: { path: "/" } }, [`cluster ${cluster}`]],
  ["MeshAccessLog", { backends: [log] }, [listener]],
  ["MeshLoadBalancingStrategy", { loadBalancer: { type: "Random" } }, [`cluster ${cluster}`]],
  ["MeshLoadBalancingStrategy", { hashPolicies: [{ type: "Header", header: { name: "x" } }] }, [route]],
];

test.each(kinds)("a %s for a MeshService shapes that: %j", (kind, conf, expected) => {
  const refs = [toOrders, { ...toOrders, name: "carts" }];
  const carts = meshService({ selector: { dataplaneTags: { "kuma.io/service": "carts" } } }, ordersLabels, "carts");
  const engine = started(meshService(), carts, server("orders-1"), client("web-1", ...refs), client("web-2", refs[1] as object));
  const to = [{ targetRef: { kind: "MeshService", name: "orders", sectionName: "http" }, default: conf }];
  expect(sent(engine, ...put(resource(kind, "default", "p", { to })))).toEqual({ "default.web-1": expected });
});

test("policies on a MeshHTTPRoute shape the routes that it makes of a real service", () => {
  const rules = [{ matches: [{ path: { type: "Exact", value: "/x" } }], default: {} }];
  const targetRef = { kind: "MeshService", name: "orders" };
  const exact = resource("MeshHTTPRoute", "default", "r", { to: [{ targetRef, rules }] });
  const timeout = { http: { requestTimeout: "2s" } };
  const forms = [
    { to: [{ targetRef: { kind: "MeshHTTPRoute", name: "r" }, default: timeout }] },
    { targetRef: { kind: "MeshHTTPRoute", name: "r" }, to: [{ targetRef: { kind: "Mesh" }, default: timeout }] },
  ];
  for (const spec of forms) {
    const engine = started(meshService(), server("orders-1"), client("web-1", toOrders), exact);
    expect(sent(engine, ...put(resource("MeshTimeout", "default", "t", spec)))).toEqual({ "default.web-1": [route] });
  }
});

test("a backend that comes and goes is one route, and its policy is told while it is missing", () => {
  const rules = [
    { matches: [{ path: { type: "Exact", value: "/x" } }], default: { backendRefs: [{ ...toOrders, name: "carts" }] } },
  ];
  const split = resource("MeshHTTPRoute", "default", "r", {
    to: [{ targetRef: { kind: "MeshService", name: "orders" }, rules }],
  });
  const engine = started(meshService(), server("orders-1"), client("web-1", toOrders), split);
  expect(engine.policies.notes("MeshHTTPRoute/default/r")).toEqual([
    { message: "backend MeshService carts, port 80 is no destination of the mesh: it gets no traffic", proxies: 1 },
  ]);
  const carts = meshService({}, ordersLabels, "carts");
  const cartsCluster = "default_carts__west_msvc_80";
  expect(sent(engine, ...put(carts))["default.web-1"]).toEqual([`cluster ${cartsCluster}`, `endpoint ${cartsCluster}`, route]);
  expect(engine.policies.notes("MeshHTTPRoute/default/r")).toEqual([]);
  const gone = sent(engine, { op: "delete", key: { kind: "MeshService", mesh: "default", name: "carts" } });
  expect(gone["default.web-1"]).toEqual([route, `no cluster ${cartsCluster}`, `no endpoint ${cartsCluster}`]);
});

test("a mesh may have a zone ingress of its own: a data plane's listener, at the address that a MeshZoneAddress tells others", () => {
  const door = dataplane({ name: "web-door", address: "10.0.1.8", listeners: [{ type: "ZoneIngress", port: 10_001 }] });
  const toEast = { kind: "MeshService", labels: { "kuma.io/zone": "east" }, port: 80 };
  const engine = started(meshService(), eastern(), server("orders-1"), zoneIngress("east", 2), client("web-1", toEast), door);
  const update = sent(engine, ...put(server("orders-2")));
  expect(update["default.web-door"]).toEqual(["endpoint kri_msvc_default_west__orders_http"]);
  const address = resource(
    "MeshZoneAddress",
    "default",
    "east",
    { address: "198.51.100.7", port: 7 },
    { "kuma.io/zone": "east" },
  );
  expect(sent(engine, ...put(address))).toEqual({ "default.web-1": ["endpoint default_orders__east_msvc_80"] });
  const key = { kind: "MeshService", mesh: "default", name: "orders" };
  expect(sent(engine, { op: "delete", key })["default.web-door"]).toEqual([
    "listener self_zoneingress_dp_10001",
    "no cluster kri_msvc_default_west__orders_http",
    "no endpoint kri_msvc_default_west__orders_http",
  ]);
});
