import { typeUrls } from "@meridian/envoy";
import type { Resource } from "@meridian/model";
import { expect, test } from "vitest";
import { dataplane, mesh, resource, sidecar } from "../testing/resources.ts";
import type { ConfigEngine, ViewChange } from "../types.ts";
import { createConfigEngine } from "./engine.ts";

// What a change of load balancing, limits or faults sends: only what it makes different, to those for whom it does.

const put = (...resources: readonly Resource[]): readonly ViewChange[] =>
  resources.map((each) => ({ op: "put", resource: each }));

function proxyOf(name: string, service: string, rack: string, ...calls: readonly string[]): Resource {
  const tags = { "kuma.io/service": service, "kuma.io/protocol": "http", rack };
  const outbound = calls.map((to, index) => ({ port: 10_001 + index, tags: { "kuma.io/service": to } }));
  return dataplane({ name, address: `10.0.1.${name.slice(-1)}`, inbound: [{ port: 8080, tags }], outbound });
}

const proxies = ["web-1", "web-2", "web-3", "orders-4", "orders-5", "carts-6"];

function started(): ConfigEngine {
  const engine = createConfigEngine({ zone: "west" });
  engine.apply(
    put(
      mesh("default"),
      proxyOf("web-1", "web", "r1", "orders", "carts"),
      proxyOf("web-2", "web", "r1", "orders", "carts"),
      proxyOf("web-3", "web", "r2", "orders", "carts"),
      proxyOf("orders-4", "orders", "r1"),
      proxyOf("orders-5", "orders", "r2"),
      proxyOf("carts-6", "carts", "r1"),
    ),
  );
  for (const name of proxies) engine.attach(sidecar("default", name));
  return engine;
}

/** By proxy, the types of what it is sent. */
function sent(engine: ConfigEngine, ...changes: readonly ViewChange[]) {
  const updates = [...engine.apply(changes)].sort(([a], [b]) => (a < b ? -1 : 1));
  return updates.map(([id, { patch }]) => [
    id.replace("default.", ""),
    ...patch.changed.map(({ typeUrl }) => Object.entries(typeUrls).find(([, url]) => url === typeUrl)?.[0]).sort(),
  ]);
}

function strategy(conf: object, name = "orders"): Resource {
  const to = [{ targetRef: { kind: "MeshService", name: "orders" }, default: conf }];
  return resource("MeshLoadBalancingStrategy", "default", name, { to });
}

const hash = (name: string) => ({ hashPolicies: [{ type: "Header", header: { name } }] });

test("another hash is another route, and nothing else", () => {
  const engine = started();
  expect(sent(engine, ...put(strategy({ ...hash("a"), loadBalancer: { type: "RingHash" } })))).toEqual(
    ["web-1", "web-2", "web-3"].map((name) => [name, "cluster", "route"]),
  );
  const ofHash = sent(engine, ...put(strategy({ ...hash("b"), loadBalancer: { type: "RingHash" } })));
  expect(ofHash).toEqual(["web-1", "web-2", "web-3"].map((name) => [name, "route"]));
});

test("the same under another name is sent to nobody", () => {
  const engine = started();
  engine.apply(put(strategy(hash("a"))));
  const key = { kind: "MeshLoadBalancingStrategy", mesh: "default", name: "orders" };
  expect(sent(engine, { op: "delete", key }, ...put(strategy(hash("a"), "renamed")))).toEqual([]);
});

test("clients of one rack share what is near to them", () => {
  const engine = started();
  const affinity = { localityAwareness: { localZone: { affinityTags: [{ key: "rack" }] } } };
  const updates = engine.apply(put(strategy(affinity)));
  expect(updates.get("default.web-1")?.patch).toBe(updates.get("default.web-2")?.patch);
  expect(updates.get("default.web-1")?.patch).not.toBe(updates.get("default.web-3")?.patch);
});

test.each([
  ["MeshRateLimit", { default: { local: { http: { requestRate: { num: 5, interval: "1s" } } } } }],
  ["MeshFaultInjection", { default: { http: [{ abort: { httpStatus: 503, percentage: 1 } }] } }],
])("a %s is one listener of each proxy that it selects", (kind, rule) => {
  const engine = started();
  const policy = resource(kind, "default", "p", { targetRef: { kind: "MeshService", name: "orders" }, rules: [rule] });
  expect(sent(engine, ...put(policy))).toEqual([
    ["orders-4", "listener"],
    ["orders-5", "listener"],
  ]);
  expect(sent(engine, ...put({ ...policy, version: 2 }))).toEqual([]);
});
