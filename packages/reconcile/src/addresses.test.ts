import { vipOf } from "@meridian/services";
import { afterEach, expect, it } from "vitest";
import { dataplane, externalService, mesh, remoteService, until, ZoneStore } from "./testing/zone-store.ts";

let zone = new ZoneStore();
afterEach(async () => {
  await zone.stop();
  zone = new ZoneStore();
});

const numbers = Array.from({ length: 60 }, (_, index) => index);

async function addresses(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const kind of ["MeshService", "MeshExternalService", "MeshMultiZoneService"]) {
    for (const { name, status } of await zone.store.list(kind)) {
      const vip = vipOf(status);
      if (vip !== undefined) found.set(`${kind}/${name}`, vip);
    }
  }
  return found;
}

async function untilAddressed(count: number): Promise<ReadonlyMap<string, string>> {
  await until(async () => expect((await addresses()).size).toBe(count));
  const found = await addresses();
  expect(new Set(found.values()).size).toBe(count);
  return found;
}

it("stay over a restart, whatever comes and goes meanwhile", async () => {
  await zone.put(
    mesh("Everywhere"),
    ...numbers.map((number) => dataplane(`dp-${number}`, `s-${number}`)),
    externalService("api"),
  );
  await zone.start();
  const before = await untilAddressed(61);
  await zone.stop();
  await zone.put(remoteService("other", "west"), ...numbers.map((number) => externalService(`api-${number}`)));
  await zone.start();
  const after = await untilAddressed(122);
  for (const [key, vip] of before) expect(after.get(key)).toBe(vip);
});

it("are never given twice, though several control planes give them at once in a small network", async () => {
  const vipNetworks = { MeshService: "241.0.0.0/25", MeshExternalService: "242.0.0.0/25", MeshMultiZoneService: "243.0.0.0/25" };
  await zone.put(mesh());
  for (let replica = 0; replica < 3; replica += 1) await zone.start({ vipNetworks });
  for (const number of numbers) {
    await zone.put(externalService(`api-${number}`), externalService(`web-${number}`));
    if (number % 3 === 0) await zone.remove(externalService(`web-${number}`));
  }
  await untilAddressed(100);
});

it("are as they were after an update from elsewhere that has no status", async () => {
  await zone.put(mesh(), externalService("api"));
  await zone.start();
  const before = await untilAddressed(1);
  const { status: _status, ...content } = (await zone.get("MeshExternalService", "api")) ?? externalService("api");
  await zone.store.commit([{ op: "put", resource: { ...content, spec: { match: { port: 444 } } } }], { author: "kds" });
  await untilAddressed(1);
  expect(await addresses()).toEqual(before);
});

it("leave out a service when none is free, and help it when one is", async () => {
  const vipNetworks = { MeshService: "241.0.0.0/30", MeshExternalService: "242.0.0.0/30", MeshMultiZoneService: "243.0.0.0/30" };
  await zone.put(mesh(), externalService("a"), externalService("b"), externalService("c"));
  await zone.start({ vipNetworks });
  const [first] = [...(await untilAddressed(2)).keys()];
  const name = first?.split("/")[1] ?? "";
  await zone.remove(externalService(name));
  await untilAddressed(2);
});

it("come at once, while counts that nobody routes by may wait", async () => {
  await zone.put(mesh("Everywhere"), dataplane("web-1", "web"));
  await zone.start({ countsIntervalMs: 3_600_000 });
  await untilAddressed(1);
  await zone.put(dataplane("web-2", "web"));
  await zone.put(dataplane("db-1", "db"));
  await untilAddressed(2);
  expect((await zone.status("MeshService", "web")).dataplaneProxies?.total).toBe(1);
  await zone.put(dataplane("web-3", "web", { port: 9090 }), externalService("api"));
  await untilAddressed(3);
  expect((await zone.get("MeshService", "web"))?.spec).toMatchObject({ ports: [{ port: 8080 }, { port: 9090 }] });
});

it("are written once more when counts change, however many services wait for it", async () => {
  const services = numbers.slice(0, 20);
  await zone.put(mesh("Everywhere"), ...services.map((number) => dataplane(`dp-${number}`, `s-${number}`)));
  await zone.start({ countsIntervalMs: 100 });
  await untilAddressed(20);
  const before = await zone.store.revision();
  await zone.put(...services.map((number) => dataplane(`more-${number}`, `s-${number}`)));
  await zone.settled();
  expect(await zone.store.revision()).toBe(before + 2);
});

it("cost one commit for all services that come together", async () => {
  await zone.put(mesh("Everywhere"));
  await zone.start();
  await zone.put(...numbers.map((number) => dataplane(`dp-${number}`, `s-${number % 20}`, { port: 8000 + (number % 3) })));
  await untilAddressed(20);
  await zone.settled();
  const { revisions } = await zone.store.history({});
  // One makes them, one gives them addresses.
  expect(revisions.filter(({ author }) => author === "mesh services")).toHaveLength(2);
});

it("are found again when the change log was compacted behind its reader's back", async () => {
  await zone.put(mesh("Everywhere"), dataplane("a", "web"));
  await zone.start();
  const before = await untilAddressed(1);
  await zone.stop();
  await zone.put(dataplane("b", "db"));
  await zone.store.compact(await zone.store.revision());
  await zone.start();
  const after = await untilAddressed(2);
  for (const [key, vip] of before) expect(after.get(key)).toBe(vip);
});
