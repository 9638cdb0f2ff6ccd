import { allMeshesCaName, meshCaSecretName, typeUrls } from "@meridian/envoy";
import type { Resource } from "@meridian/model";
import { expect, test } from "vitest";
import { createConfigEngine } from "../engine/engine.ts";
import { decodeResource } from "../testing/golden.ts";
import { dataplane, mesh, resource, sidecar } from "../testing/resources.ts";
import type { ConfigEngine, ProxyUpdate, ViewChange } from "../types.ts";

// What proxies of mesh `default` reach in mesh `shop` through its gateways.

const client = sidecar("default", "web-1");
const edge = sidecar("shop", "edge-1");
const cluster = "edge-2e55436429cd0748_shop";

const web = dataplane({
  name: "web-1",
  address: "10.0.0.3",
  outbound: [{ port: 10_001, tags: { "kuma.io/service": "edge", "kuma.io/mesh": "shop" } }],
});

function gateway(name: string, address = "10.0.0.1", networking: object = {}): Resource {
  const tags = { "kuma.io/service": "edge" };
  return resource("Dataplane", "shop", name, { networking: { address, gateway: { type: "BUILTIN", tags }, ...networking } });
}

function meshGateway(listeners: readonly object[] = [{ port: 8080, protocol: "HTTP", crossMesh: true }]): Resource {
  return resource("MeshGateway", "shop", "edge", {
    selectors: [{ match: { "kuma.io/service": "edge" } }],
    conf: { listeners },
  });
}

const put = (...resources: readonly Resource[]): readonly ViewChange[] =>
  resources.map((each) => ({ op: "put", resource: each }));

function started(...more: readonly Resource[]): ConfigEngine {
  const engine = createConfigEngine({ zone: "west" });
  engine.apply(put(mesh("default"), mesh("shop"), web, gateway("edge-1"), meshGateway(), ...more));
  for (const proxy of [client, edge]) engine.attach(proxy);
  return engine;
}

function told(update: ProxyUpdate | undefined): readonly string[] {
  return (update?.patch.changed ?? []).map(({ typeUrl, name }) => `${typeUrl.slice(typeUrl.lastIndexOf(".") + 1)} ${name}`);
}

function clusterOf(engine: ConfigEngine): unknown {
  const found = engine.attach(client).resources.get(typeUrls.cluster)?.get(cluster);
  return found && decodeResource(found);
}

test("client and gateway say which secrets of other meshes they need", () => {
  const engine = started();
  const { resources } = engine.attach(client);
  expect(resources.get(typeUrls.cluster)?.get(cluster)?.secrets).toEqual([meshCaSecretName("shop")]);
  const listener = engine.attach(edge).resources.get(typeUrls.listener)?.get("edge:HTTP:8080");
  expect(listener?.secrets).toEqual([allMeshesCaName]);
});

test("one gateway more is one endpoint more, at the address that it advertises", () => {
  const engine = started();
  const updates = engine.apply(put(gateway("edge-2", "10.0.0.2", { advertisedAddress: "192.0.2.2" })));
  expect([...updates.keys()]).toEqual([client.id]);
  expect(told(updates.get(client.id))).toEqual([`ClusterLoadAssignment ${cluster}`]);
  const [assignment] = updates.get(client.id)?.patch.changed ?? [];
  expect(JSON.stringify(assignment && decodeResource(assignment))).toContain("192.0.2.2");
});

test("what a mesh does within is no business of the others, nor what a gateway does for clients without an identity", () => {
  const engine = started();
  const orders = { ...dataplane({ mesh: "shop", name: "orders-1", address: "10.0.0.7" }), mesh: "shop" };
  expect([...engine.apply(put(orders)).keys()]).toEqual([]);
  const open = { port: 9000, protocol: "TCP" };
  const updates = engine.apply(put(meshGateway([{ port: 8080, protocol: "HTTP", crossMesh: true }, open])));
  expect([...updates.keys()]).toEqual([edge.id]);
});

test("a listener that is no longer for other meshes has no clients there any more", () => {
  const engine = started();
  const updates = engine.apply(put(meshGateway([{ port: 8080, protocol: "HTTP" }])));
  expect(told(updates.get(client.id))).toContain(`ClusterLoadAssignment ${cluster}`);
  expect(engine.availableServices()).toEqual([]);
});

test.each(["default", "shop"])(
  "without mTLS in mesh %s nobody gets through, and the listener of a mesh without it says so",
  (name) => {
    const engine = started();
    engine.apply(put(mesh(name, "off")));
    expect(clusterOf(engine)).toBeUndefined();
    const isServed = engine.attach(edge).resources.get(typeUrls.listener)?.has("edge:HTTP:8080") === true;
    expect(isServed).toBe(name === "default");
    const problem = "listener 8080 * is left out: other meshes come in by mTLS, which mesh shop does not have";
    expect(engine.policies.notes("MeshGateway/shop/edge").map(({ message }) => message)).toEqual(isServed ? [] : [problem]);
    engine.apply(put(mesh(name)));
    expect(clusterOf(engine)).toBeDefined();
  },
);

test("listeners of several ports are told apart by a tag", () => {
  const listeners = [8080, 8081].map((port) => ({ port, protocol: "HTTP", crossMesh: true }));
  const engine = started(meshGateway(listeners));
  const tags = { "kuma.io/service": "edge", "kuma.io/mesh": "shop", "meridian.io/port": "8081" };
  engine.apply(put(dataplane({ name: "web-1", address: "10.0.0.3", outbound: [{ port: 10_001, tags }] })));
  const assignments = [...(engine.attach(client).resources.get(typeUrls.endpoint)?.values() ?? [])].map(decodeResource);
  expect(JSON.stringify(assignments)).toContain('"portValue":8081');
  expect(JSON.stringify(assignments)).not.toContain('"portValue":8080');
});

test("the zone offers its gateways to clients of other zones, as what they are for", () => {
  expect(started().availableServices()).toEqual([
    {
      mesh: "shop",
      instances: 1,
      tags: {
        "kuma.io/mesh": "shop",
        "kuma.io/protocol": "http",
        "kuma.io/service": "edge",
        "kuma.io/zone": "west",
        "meridian.io/port": "8080",
      },
    },
  ]);
});

test("for proxies of its own mesh a listener for others is no server", () => {
  const engine = started();
  const open = { redirectPortOutbound: 15_001, ipFamilyMode: "IPv4", directAccessServices: ["*"] };
  engine.apply(put(dataplane({ mesh: "shop", name: "all-1", address: "10.0.0.8", transparentProxying: open })));
  const { resources } = engine.attach(sidecar("shop", "all-1"));
  expect([...(resources.get(typeUrls.listener)?.keys() ?? [])].filter((name) => name.includes("10.0.0.1"))).toEqual([]);
});

test("a gateway reaches those of other meshes by its routes", () => {
  const engine = started();
  const door = resource("Dataplane", "default", "door-1", {
    networking: { address: "10.0.0.9", gateway: { type: "BUILTIN", tags: { "kuma.io/service": "door" } } },
  });
  const selectors = [{ match: { "kuma.io/service": "door" } }];
  const listener = { port: 80, protocol: "HTTP" };
  const destination = { "kuma.io/service": "edge", "kuma.io/mesh": "shop" };
  const rules = [{ matches: [{ path: { match: "PREFIX", value: "/" } }], backends: [{ weight: 1, destination }] }];
  engine.apply(
    put(
      door,
      resource("MeshGateway", "default", "door", { selectors, conf: { listeners: [listener] } }),
      resource("MeshGatewayRoute", "default", "to-shop", { selectors, conf: { http: { rules } } }),
    ),
  );
  const { resources } = engine.attach(sidecar("default", "door-1"));
  const [found] = [...(resources.get(typeUrls.cluster)?.values() ?? [])].map(decodeResource);
  expect(JSON.stringify(found)).toContain('"exact":"spiffe://shop/edge"');
  const [assignment] = [...(resources.get(typeUrls.endpoint)?.values() ?? [])].map(decodeResource);
  expect(JSON.stringify(assignment)).toContain('"address":"10.0.0.1","portValue":8080');
});
