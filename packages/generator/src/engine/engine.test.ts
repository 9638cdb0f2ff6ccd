import { type EncodedResource, type ProxyResources, type TypeUrl, typeUrls } from "@meridian/envoy";
import type { Resource, ResourceKey } from "@meridian/model";
import { describe, expect, test } from "vitest";
import { decodeResource } from "../testing/golden.ts";
import { dataplane, ingress, mesh, resource, sidecar, trafficRoute } from "../testing/resources.ts";
import type { ConfigEngine, ViewChange } from "../types.ts";
import { createConfigEngine } from "./engine.ts";

const put = (...resources: readonly Resource[]): readonly ViewChange[] =>
  resources.map((each) => ({ op: "put", resource: each }));
const drop = (key: ResourceKey): readonly ViewChange[] => [{ op: "delete", key }];

function client(name: string, ...services: readonly string[]): Resource {
  const outbound = services.map((service, index) => ({ port: 10_001 + index, tags: { "kuma.io/service": service } }));
  const inbound = [{ port: 8080, tags: { "kuma.io/service": "web", "kuma.io/protocol": "http", pod: name } }];
  return dataplane({ name, address: `10.0.1.${name.slice(-1)}`, inbound, outbound });
}

function server(name: string, tags: Readonly<Record<string, string>> = {}, more: object = {}): Resource {
  const inbound = [{ port: 8080, tags: { "kuma.io/service": "orders", "kuma.io/protocol": "http", ...tags }, ...more }];
  return dataplane({ name, address: `10.0.2.${name.slice(-1)}`, inbound });
}

function remoteIngress(zone: string, address: string, instances: number, port = 30_000): Resource {
  const tags = { "kuma.io/service": "orders", "kuma.io/protocol": "http", "kuma.io/zone": zone };
  return resource("ZoneIngress", "", `zi-${zone}-${address}`, {
    zone,
    networking: { address: "10.9.9.9", port: 10_000, advertisedAddress: address, advertisedPort: port },
    availableServices: [{ mesh: "default", tags, instances }],
  });
}

const toVersion = (version: string) =>
  trafficRoute("canary", "orders", [{ weight: 1, destination: { "kuma.io/service": "orders", version } }]);

function started(...resources: readonly Resource[]): ConfigEngine {
  const engine = createConfigEngine({ zone: "west" });
  engine.apply(put(mesh("default"), ...resources));
  return engine;
}

function content(
  resources: ProxyResources | readonly EncodedResource[],
  typeUrl: TypeUrl,
  name: string,
): Readonly<Record<string, unknown>> {
  const found = "get" in resources ? resources.get(typeUrl)?.get(name) : resources.find((each) => each.name === name);
  if (!found) throw new Error(`no ${name}`);
  return decodeResource(found);
}

/** `address:port weight zone/priority` of each endpoint. */
function endpoints(assignment: Readonly<Record<string, unknown>>): readonly string[] {
  type Endpoint = {
    endpoint: { address: { socketAddress: { address: string; portValue: number } } };
    loadBalancingWeight: number;
  };
  type Locality = { locality: { zone: string }; priority?: number; lbEndpoints: Endpoint[] };
  return ((assignment["endpoints"] ?? []) as Locality[]).flatMap(({ locality, priority = 0, lbEndpoints }) =>
    lbEndpoints.map(({ endpoint, loadBalancingWeight }) => {
      const { address, portValue } = endpoint.address.socketAddress;
      return `${address}:${portValue} ${loadBalancingWeight} ${locality.zone}/${priority}`;
    }),
  );
}

describe("what is shared", () => {
  test("an endpoint that joins is one patch for all clients, and none for the others", () => {
    const engine = started(client("web-1", "orders"), client("web-2", "orders", "db"), client("web-3", "db"), server("orders-1"));
    for (const name of ["web-1", "web-2", "web-3", "orders-1"]) engine.attach(sidecar("default", name));
    const updates = engine.apply(put(server("orders-2")));
    expect([...updates.keys()].sort()).toEqual(["default.web-1", "default.web-2"]);
    expect(updates.get("default.web-1")?.patch).toBe(updates.get("default.web-2")?.patch);
    expect(updates.get("default.web-1")?.patch.changed.map(({ typeUrl }) => typeUrl)).toEqual([typeUrls.endpoint]);
  });

  test("a route change is one small patch, though each client has a tag of its own", () => {
    const engine = started(client("web-1", "orders"), client("web-2", "orders"), server("orders-1", { version: "v1" }));
    engine.apply(put(toVersion("v1")));
    for (const name of ["web-1", "web-2"]) engine.attach(sidecar("default", name));
    const updates = engine.apply(put(toVersion("v2")));
    expect(updates.get("default.web-1")?.patch).toBe(updates.get("default.web-2")?.patch);
    const { changed = [], removed = [] } = updates.get("default.web-1")?.patch ?? {};
    expect(changed.map(({ typeUrl }) => typeUrl).sort()).toEqual([typeUrls.cluster, typeUrls.endpoint, typeUrls.route].sort());
    expect(removed.length).toBe(2);
    expect(changed.find(({ typeUrl }) => typeUrl === typeUrls.route)?.origins).toEqual(["TrafficRoute/default/canary"]);
  });

  test("a route for some clients only separates them", () => {
    const engine = started(client("web-1", "orders"), client("web-2", "orders"), server("orders-1"));
    for (const name of ["web-1", "web-2"]) engine.attach(sidecar("default", name));
    const route = resource("TrafficRoute", "default", "one", {
      sources: [{ match: { "kuma.io/service": "web", pod: "web-1" } }],
      destinations: [{ match: { "kuma.io/service": "orders" } }],
      conf: { destination: { "kuma.io/service": "orders", version: "v2" } },
    });
    const updates = engine.apply(put(route, trafficRoute("all", "*", [{ weight: 1, destination: { "kuma.io/service": "*" } }])));
    expect(updates.get("default.web-1")?.patch).not.toBe(updates.get("default.web-2")?.patch);
  });
});

describe("what makes no difference", () => {
  test("the same resource again, and a policy that changes nothing but whose it is", () => {
    const engine = started(client("web-1", "orders"), server("orders-1"));
    engine.apply(put(toVersion("v1")));
    engine.attach(sidecar("default", "web-1"));
    expect(engine.apply(put(client("web-1", "orders"), server("orders-1"))).size).toBe(0);
    const renamed = { ...toVersion("v1"), name: "renamed" };
    expect(engine.apply([...drop(toVersion("v1")), ...put(renamed)]).size).toBe(0);
    expect(engine.attach(sidecar("default", "web-1")).resources.get(typeUrls.route)?.get("outbound:orders")?.origins).toEqual([
      "TrafficRoute/default/renamed",
    ]);
  });
});

describe("a proxy that comes and goes", () => {
  test("gets nothing before its resource, everything with it, and loses it with it", () => {
    const engine = started(server("orders-1"));
    expect(engine.attach(sidecar("default", "web-1"))).toEqual({ resources: new Map() });
    const arrived = engine.apply(put(client("web-1", "orders"))).get("default.web-1");
    expect(arrived?.identity?.services).toEqual(["web"]);
    expect(arrived?.patch.changed.length).toBe(6);
    const gone = engine.apply(drop(client("web-1"))).get("default.web-1");
    expect(gone?.identity).toBeNull();
    expect(gone?.patch.removed.length).toBe(6);
    engine.detach("default.web-1");
    expect(engine.apply(put(client("web-1", "orders"))).size).toBe(0);
  });

  test("has no identity and no TLS in a mesh without mTLS", () => {
    const engine = started(
      mesh("default", "off"),
      client("web-1", "orders"),
      server("orders-1"),
      remoteIngress("east", "192.0.2.1", 3),
    );
    const config = engine.attach(sidecar("default", "web-1"));
    expect(config.identity).toBeUndefined();
    expect(content(config.resources, typeUrls.cluster, "orders")["transportSocket"]).toBeUndefined();
    expect(endpoints(content(config.resources, typeUrls.endpoint, "orders"))).toEqual(["10.0.2.1:8080 1 west/0"]);
  });
});

describe("endpoints", () => {
  const assignment = (engine: ConfigEngine): readonly string[] =>
    endpoints(content(engine.attach(sidecar("default", "web-1")).resources, typeUrls.endpoint, "orders"));

  test("instances everywhere get the same share: local ones weigh as much as there are ingresses", () => {
    const engine = started(client("web-1", "orders"), server("orders-1"), remoteIngress("east", "192.0.2.1", 3));
    engine.attach(sidecar("default", "web-1"));
    const other = remoteIngress("north", "192.0.2.2", 2);
    const updates = engine.apply(put(other, { ...remoteIngress("north", "192.0.2.2", 2), name: "second-instance" }));
    const changed = updates.get("default.web-1")?.patch.changed ?? [];
    expect(endpoints(content(changed, typeUrls.endpoint, "orders"))).toEqual([
      "192.0.2.1:30000 3 east/0",
      "192.0.2.2:30000 2 north/0",
      "10.0.2.1:8080 2 west/0",
    ]);
  });

  test("the own zone comes first where the mesh says so; without local ones the others do", () => {
    const local = mesh("default", "STRICT", true);
    const engine = started(local, client("web-1", "orders"), server("orders-1"), remoteIngress("east", "192.0.2.1", 3));
    expect(assignment(engine)).toEqual(["192.0.2.1:30000 3 east/1", "10.0.2.1:8080 1 west/0"]);
    engine.apply(put(server("orders-1", {}, { state: "NotReady" })));
    expect(assignment(engine)).toEqual(["192.0.2.1:30000 3 east/0"]);
  });

  test("wait behind a closed door until the listener knows what the service speaks", () => {
    const engine = started(client("web-1", "orders"));
    const { resources } = engine.attach(sidecar("default", "web-1"));
    const listener = "outbound:127.0.0.1:10001";
    expect(JSON.stringify(content(resources, typeUrls.listener, listener))).toContain('"cluster":"nobody_offers_it"');
    const changed = engine.apply(put(server("orders-1"))).get("default.web-1")?.patch.changed ?? [];
    expect(JSON.stringify(content(changed, typeUrls.listener, listener))).toContain(".HttpConnectionManager");
    // Those that are ill for a moment are still known.
    const later = engine.apply(put(server("orders-1", {}, { state: "NotReady" }))).get("default.web-1")?.patch.changed ?? [];
    expect(later.map(({ typeUrl }) => typeUrl)).toEqual([typeUrls.endpoint]);
  });

  test("host names are left out: Envoy would refuse all of the assignment", () => {
    const engine = started(client("web-1", "orders"), server("orders-1"), remoteIngress("east", "lb.example.com", 3));
    expect(assignment(engine)).toEqual(["10.0.2.1:8080 1 west/0"]);
  });
});

describe("a unit that fails", () => {
  test("keeps its last good config, is listed, and recovers", () => {
    const engine = started(client("web-1", "orders", "db"), server("orders-1"));
    engine.apply(put(toVersion("v1")));
    const before = engine.attach(sidecar("default", "web-1"));
    const bad = { sources: [{ match: { "kuma.io/service": "*" } }], destinations: [{ match: { "kuma.io/service": "orders" } }] };
    const conf = { destination: { "kuma.io/service": "orders" }, loadBalancer: { ringHash: { hashFunction: "NO_SUCH_HASH" } } };
    expect(engine.apply(put(resource("TrafficRoute", "default", "canary", { ...bad, conf }))).size).toBe(0);
    expect(engine.failures.map(({ unit }) => unit)).toEqual([
      expect.stringContaining("outbound to kuma.io/service=orders of mesh default"),
    ]);
    expect(engine.attach(sidecar("default", "web-1")).resources.get(typeUrls.route)).toEqual(
      before.resources.get(typeUrls.route),
    );
    expect(engine.apply(put(toVersion("v2"))).size).toBe(1);
    expect(engine.failures).toEqual([]);
  });
});

test("a listener that cannot be encoded costs nothing else", () => {
  const plain = dataplane({
    name: "orders-1",
    address: "10.0.2.1",
    inbound: [{ port: 8080, tags: { "kuma.io/service": "orders" } }],
  });
  const engine = started(client("web-1", "orders"), plain);
  const before = engine.attach(sidecar("default", "web-1"));
  const split = ["v1", "v2"].map((version) => ({ weight: 0.5, destination: { "kuma.io/service": "orders", version } }));
  const changed = engine.apply(put(trafficRoute("half", "orders", split))).get("default.web-1")?.patch.changed ?? [];
  expect(changed.map(({ typeUrl }) => typeUrl)).not.toContain(typeUrls.listener);
  expect(engine.failures.map(({ unit }) => unit)).toEqual([expect.stringContaining("listener of outbound")]);
  engine.apply(drop(trafficRoute("half", "orders", split)));
  expect(engine.failures).toEqual([]);
  expect(engine.attach(sidecar("default", "web-1"))).toEqual(before);
});

test("a resource that makes no sense costs nothing but itself", () => {
  const engine = started(client("web-1", "orders"));
  engine.attach(sidecar("default", "web-1"));
  const updates = engine.apply(put(resource("Dataplane", "default", "broken", {}), server("orders-1")));
  expect([...updates.keys()]).toEqual(["default.web-1"]);
  expect(engine.failures.map(({ unit }) => unit)).toEqual(["resource Dataplane/default/broken"]);
  engine.apply(drop({ kind: "Dataplane", mesh: "default", name: "broken" }));
  expect(engine.failures).toEqual([]);
});

describe("the zone ingress", () => {
  test("offers healthy workloads by tag set, the same list while nothing changes", () => {
    const engine = started(
      server("orders-2", { version: "v2" }),
      server("orders-1", { version: "v1" }),
      server("orders-3", { version: "v1" }),
    );
    engine.apply(put(server("orders-4", { version: "v3" }, { health: { ready: false } })));
    const offered = engine.availableServices();
    expect(offered.map(({ mesh, tags, instances }) => [mesh, tags["version"], tags["kuma.io/zone"], instances])).toEqual([
      ["default", "v1", "west", 2],
      ["default", "v2", "west", 1],
    ]);
    engine.apply(put(client("web-1", "orders"), server("orders-1", { version: "v1" })));
    engine.apply(drop(client("web-1")));
    expect(engine.availableServices()).toBe(offered);
  });

  test("has a chain for every subset that routes ask for, whose endpoints alone change when one joins", () => {
    const zi = resource("ZoneIngress", "", "zi", { zone: "west", networking: { address: "10.0.0.9", port: 10_000 } });
    const engine = started(zi, server("orders-1", { version: "v1" }), toVersion("v2"));
    const config = engine.attach(ingress("zi"));
    expect(config.identity).toBeUndefined();
    const listener = JSON.stringify(content(config.resources, typeUrls.listener, "inbound:10.0.0.9:10000"));
    expect(listener).toContain('"serverNames":["orders{mesh=default}"]');
    expect(listener).toContain('"serverNames":["orders{mesh=default,version=v2}"]');
    expect(listener).not.toContain("tls_certificate");
    const { changed = [], removed } = engine.apply(put(server("orders-2", { version: "v2" }))).get(".zi")?.patch ?? {};
    expect(changed.map(({ name, typeUrl }) => [name, typeUrl])).toEqual([["default:orders", typeUrls.endpoint]]);
    expect(removed).toEqual([]);
  });

  test("serves no mesh without mTLS", () => {
    const zi = resource("ZoneIngress", "", "zi", { zone: "west", networking: { address: "10.0.0.9", port: 10_000 } });
    const engine = started(mesh("default", "off"), zi, server("orders-1"));
    expect([...engine.attach(ingress("zi")).resources.keys()]).toEqual([typeUrls.listener]);
  });
});
