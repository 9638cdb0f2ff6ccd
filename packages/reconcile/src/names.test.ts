import type { ResourceInput } from "@meridian/model";
import { hostOf, type NameSpec } from "@meridian/services";
import { afterEach, expect, it } from "vitest";
import { dataplane, mesh, outside, remoteIngress, until, virtualOutbound, ZoneStore } from "./testing/zone-store.ts";

let zone = new ZoneStore();
afterEach(async () => {
  await zone.stop();
  zone = new ZoneStore();
});

const numbers = Array.from({ length: 60 }, (_, index) => index);

async function names(): Promise<ReadonlyMap<string, NameSpec>> {
  const stored = await zone.store.list<NameSpec>("Config");
  return new Map(stored.flatMap((each) => (hostOf(each) === undefined ? [] : [[each.spec.host, each.spec] as const])));
}

async function untilNamed(count: number): Promise<ReadonlyMap<string, string>> {
  await until(async () => expect((await names()).size).toBe(count));
  const ips = [...(await names())].map(([host, { ip }]) => [host, ip] as const);
  expect(new Set(ips.map(([, ip]) => ip)).size).toBe(count);
  return new Map(ips);
}

it("services of data planes, of other zones and outside have a name each, with an address of its own", async () => {
  await zone.put(mesh(), dataplane("web-1", "web"), remoteIngress("west", "api"), remoteIngress("east", "own"));
  await zone.put(outside("billing", "billing.example:443"));
  await zone.start();
  const ips = await untilNamed(4);
  expect([...ips.keys()].sort()).toEqual(["api.mesh", "billing.example", "billing.mesh", "web.mesh"]);
  for (const ip of ips.values()) expect(ip).toMatch(/^240\./);
});

it("names keep their addresses over a restart, whatever comes and goes meanwhile", async () => {
  await zone.put(mesh(), ...numbers.map((number) => dataplane(`dp-${number}`, `s-${number}`)));
  await zone.start();
  const before = await untilNamed(60);
  await zone.stop();
  await zone.put(...numbers.map((number) => dataplane(`more-${number}`, `more-${number}`)));
  await zone.remove(dataplane("dp-7", "s-7"));
  await zone.start();
  const after = await untilNamed(119);
  for (const [host, ip] of before) if (host !== "s-7.mesh") expect(after.get(host)).toBe(ip);
});

it("names never share an address, though several control planes give them at once in a small network", async () => {
  const options = { names: { domain: "mesh", port: 80, network: "240.0.0.0/25" } };
  await zone.put(mesh());
  for (let replica = 0; replica < 3; replica += 1) await zone.start(options);
  for (const number of numbers) {
    await zone.put(dataplane(`a-${number}`, `a-${number}`), dataplane(`b-${number}`, `b-${number}`));
    if (number % 3 === 0) await zone.remove(dataplane(`b-${number}`, `b-${number}`));
  }
  await untilNamed(100);
});

it("a name that found no address gets one when another goes", async () => {
  await zone.put(mesh(), dataplane("a", "a"), dataplane("b", "b"), dataplane("c", "c"));
  await zone.start({ names: { domain: "mesh", port: 80, network: "240.0.0.0/30" } });
  const [first = ""] = [...(await untilNamed(2)).keys()];
  const service = first.split(".")[0] ?? "";
  await zone.remove(dataplane(service, service));
  await until(async () => expect([...(await names()).keys()]).not.toContain(first));
  await untilNamed(2);
});

it("a VirtualOutbound's names come and go with it, while others stay as they are", async () => {
  await zone.put(mesh(), dataplane("web-1", "web"), dataplane("db-1", "db"));
  await zone.start();
  const before = await untilNamed(2);
  await zone.put(virtualOutbound("apps", "{{.svc}}.apps"));
  expect([...(await untilNamed(4)).keys()].sort()).toEqual(["db.apps", "db.mesh", "web.apps", "web.mesh"]);
  await zone.remove(virtualOutbound("apps", ""));
  expect(await untilNamed(2)).toEqual(before);
});

it("a data plane more of a known service writes nothing", async () => {
  await zone.put(mesh(), dataplane("web-1", "web"));
  await zone.start();
  await untilNamed(1);
  await zone.settled();
  const before = await zone.store.revision();
  await zone.put(dataplane("web-2", "web"));
  await zone.settled();
  expect(await zone.store.revision()).toBe(before + 1);
});

it("meshes with mTLS have names for the gateways of each other, as long as both have it", async () => {
  const own = mesh(undefined, mtls);
  const other = { ...own, name: "shop" };
  const gateway = meshGateway("shop", [{ hostname: "*" }, { port: 8081, hostname: "orders.example" }, { crossMesh: false }]);
  await zone.put(own, other, gateway);
  await zone.start();
  const ips = await untilNamed(2);
  expect([...ips.keys()].sort()).toEqual(["internal.edge.shop.mesh", "orders.example"]);
  const entry = (await names()).get("orders.example");
  const to = { "kuma.io/service": "edge", "kuma.io/mesh": "shop", "meridian.io/port": "8081" };
  expect(entry?.ports).toEqual([{ port: 8081, tags: to }]);
  expect((await zone.store.list("Config", { mesh: "shop" })).length).toBe(0);
  await zone.put({ ...other, spec: {} });
  await untilNamed(0);
  await zone.put(other);
  expect(await untilNamed(2)).toEqual(ips);
  await zone.remove(own);
  await untilNamed(0);
  await zone.put(own, meshGateway("shop", [{ hostname: "orders.example" }]));
  expect([...(await untilNamed(1)).keys()]).toEqual(["orders.example"]);
  await zone.remove(gateway);
  await untilNamed(0);
});

const mtls = { mtls: { enabledBackend: "ca", backends: [{ name: "ca", type: "builtin" }] } };

function meshGateway(of: string, listeners: readonly object[]): ResourceInput {
  const conf = { listeners: listeners.map((each) => ({ port: 8080, protocol: "HTTP", crossMesh: true, ...each })) };
  const spec = { selectors: [{ match: { "kuma.io/service": "edge" } }], conf };
  return { kind: "MeshGateway", mesh: of, name: "edge", labels: { "kuma.io/origin": "global" }, spec };
}
