import { systemClock } from "@meridian/base";
import { labelNames, syncedName } from "@meridian/model";
import { createMemoryStore, type Store, UnavailableError } from "@meridian/store";
import { afterEach, describe, expect, it } from "vitest";
import { dataplane, Fabric, ingress, put, remove, type TestHub, type TestZone, until } from "../testing/fabric.ts";

const fabric = new Fabric();
afterEach(() => fabric.close());

const keyOf = (name: string, zone: string) => ({ kind: "Dataplane", mesh: "default", name: syncedName(name, "default", zone) });

async function names(store: Store, kind = "Dataplane"): Promise<readonly string[]> {
  return (await store.list(kind)).map((resource) => resource.labels[labelNames.displayName] ?? "").sort();
}

async function untilNames(hub: TestHub, expected: readonly string[]): Promise<void> {
  await until(async () => expect(await names(hub.store)).toEqual(expected));
}

async function connected(zone: TestZone): Promise<void> {
  await until(() => expect(zone.client.state.value.state).toBe("connected"));
}

describe("zone to global", () => {
  it("uploads what the zone owns, with its changes and its end", async () => {
    const hub = await fabric.hub();
    const zone = await fabric.zone(hub, "east");
    await put(zone.store, { ...dataplane("backend-1", { address: "10.1.1.1" }), labels: { team: "a" } });
    await until(async () => expect(await hub.store.get(keyOf("backend-1", "east"))).toBeDefined());
    expect(await hub.store.get(keyOf("backend-1", "east"))).toMatchObject({
      spec: { address: "10.1.1.1" },
      labels: {
        team: "a",
        [labelNames.origin]: "zone",
        [labelNames.zone]: "east",
        [labelNames.displayName]: "backend-1",
      },
    });
    await put(zone.store, dataplane("backend-1", { address: "10.1.1.2" }));
    await until(async () => expect((await hub.store.get(keyOf("backend-1", "east")))?.spec).toEqual({ address: "10.1.1.2" }));
    await remove(zone.store, dataplane("backend-1"));
    await untilNames(hub, []);
  });

  it("brings what a zone offers to the others, not to itself", async () => {
    const hub = await fabric.hub();
    const east = await fabric.zone(hub, "east");
    const west = await fabric.zone(hub, "west");
    await put(east.store, ingress("zi"), dataplane("a"));
    const name = syncedName("zi", "", "east");
    const key = { kind: "ZoneIngress", mesh: "", name };
    await until(async () => expect(await west.store.get(key)).toBeDefined());
    expect((await west.store.get(key))?.labels).toMatchObject({ [labelNames.origin]: "global", [labelNames.zone]: "east" });
    expect(await west.store.count("Dataplane")).toBe(0);
    expect(await east.store.count("ZoneIngress")).toBe(1);

    await put(hub.store, { kind: "Zone", mesh: "", name: "east", labels: {}, spec: { enabled: false } });
    await until(async () => expect(await west.store.get(key)).toBeUndefined());
    await put(hub.store, { kind: "Zone", mesh: "", name: "east", labels: {}, spec: { enabled: true } });
    await until(async () => expect(await west.store.get(key)).toBeDefined());
  });

  it("sends after a reconnect only what the global lacks, deletions too", async () => {
    const hub = await fabric.hub();
    const zone = await fabric.zone(hub, "east");
    const many = Array.from({ length: 200 }, (_, index) => dataplane(`d-${index}`, { pad: "x".repeat(300) }));
    await put(zone.store, ...many);
    await until(async () => expect(await hub.store.count("Dataplane")).toBe(200));
    const revision = await hub.store.revision();

    zone.wire.refuse(true);
    await put(zone.store, dataplane("d-1", { changed: true }), dataplane("new"));
    await remove(zone.store, dataplane("d-2"));
    zone.wire.bytesUp = 0;
    zone.wire.refuse(false);
    await until(async () => expect(await hub.store.get(keyOf("new", "east"))).toBeDefined());
    expect(await hub.store.get(keyOf("d-2", "east"))).toBeUndefined();
    expect(zone.wire.bytesUp).toBeLessThan(4000);
    expect(await hub.store.revision()).toBe(revision + 1);

    await zone.stop();
    const again = await fabric.zone(hub, "east", { store: zone.store });
    await connected(again);
    await put(again.store, dataplane("after"));
    await until(async () => expect(await hub.store.get(keyOf("after", "east"))).toBeDefined());
    expect(again.wire.bytesUp).toBeLessThan(4000);
    expect(await hub.store.revision()).toBe(revision + 2);
  });

  it("compares and repairs when the global lost some of it", async () => {
    const hub = await fabric.hub();
    const zone = await fabric.zone(hub, "east");
    await put(zone.store, dataplane("a"), dataplane("b"), dataplane("c"));
    await untilNames(hub, ["a", "b", "c"]);
    zone.wire.refuse(true);
    await hub.store.commit([{ op: "delete", key: keyOf("b", "east") }], { author: "somebody" });
    const stray = { ...keyOf("stray", "east"), labels: { [labelNames.origin]: "zone", [labelNames.zone]: "east" }, spec: {} };
    await put(hub.store, stray);
    zone.wire.refuse(false);
    await untilNames(hub, ["a", "b", "c"]);
  });

  it("repairs when the zone's log no longer reaches back", async () => {
    const hub = await fabric.hub();
    const zone = await fabric.zone(hub, "east");
    await put(zone.store, dataplane("a"), dataplane("b"));
    await untilNames(hub, ["a", "b"]);
    await zone.stop();
    await remove(zone.store, dataplane("a"));
    await put(zone.store, dataplane("c"));
    await zone.store.compact(await zone.store.revision());
    await fabric.zone(hub, "east", { store: zone.store });
    await untilNames(hub, ["b", "c"]);
  });

  it("tells the zone what is rejected and why, and takes everything else", async () => {
    const hub = await fabric.hub({
      admit: (resource) => ((resource.spec as { bad?: boolean }).bad ? [{ path: "networking", message: "is bad" }] : []),
    });
    const zone = await fabric.zone(hub, "east");
    await connected(zone);
    await put(zone.store, dataplane("good"), dataplane("wrong", { bad: true }), dataplane("fine"));
    await untilNames(hub, ["fine", "good"]);
    await until(() =>
      expect(zone.client.state.value.rejected).toEqual([
        {
          key: { kind: "Dataplane", mesh: "default", name: "wrong" },
          violations: [{ path: "networking", message: "is bad" }],
        },
      ]),
    );
    await put(zone.store, dataplane("wrong", { bad: false }));
    await untilNames(hub, ["fine", "good", "wrong"]);
    await until(() => expect(zone.client.state.value.rejected).toEqual([]));
  });

  it("never lets a zone take a name of the global's own", async () => {
    const hub = await fabric.hub();
    const key = keyOf("victim", "east");
    await put(hub.store, { ...key, labels: {}, spec: { owner: "global" } });
    const zone = await fabric.zone(hub, "east");
    await put(zone.store, dataplane("victim"), dataplane("other"));
    await untilNames(hub, ["", "other"]);
    await until(() => expect(zone.client.state.value.rejected).toMatchObject([{ key: { name: "victim" } }]));
    await remove(zone.store, dataplane("victim"));
    await until(() => expect(zone.client.state.value.rejected).toEqual([]));
    expect((await hub.store.get(key))?.spec).toEqual({ owner: "global" });
  });

  it("waits for a store that is away, and merges meanwhile", async () => {
    const base = createMemoryStore({ clock: systemClock });
    let away = false;
    const store: Store = Object.create(base) as Store;
    store.commit = async (...args) => {
      if (away) throw new UnavailableError("the database cannot be reached");
      return base.commit(...args);
    };
    const hub = await fabric.hub({ store });
    const zone = await fabric.zone(hub, "east");
    await connected(zone);
    away = true;
    for (let step = 0; step < 30; step += 1) await put(zone.store, dataplane("a", { step }));
    away = false;
    await until(async () => expect((await base.get(keyOf("a", "east")))?.spec).toEqual({ step: 29 }));
    expect(zone.client.state.value.state).toBe("connected");
  });
});

describe("insights", () => {
  it("arrive under the global's name of the proxy, newest value, deletions too", async () => {
    const hub = await fabric.hub();
    const zone = await fabric.zone(hub, "east");
    await put(zone.store, dataplane("a"));
    const local = { kind: "DataplaneInsight", mesh: "default", name: "a" };
    const remote = { ...local, name: syncedName("a", "default", "east") };
    await zone.writer.putStatus([{ key: local, value: { step: 1 } }]);
    await until(async () => expect((await hub.store.getStatus(remote))?.value).toEqual({ step: 1 }));
    zone.wire.refuse(true);
    await zone.writer.putStatus([{ key: local, value: { step: 2 } }]);
    zone.wire.refuse(false);
    await until(async () => expect((await hub.store.getStatus(remote))?.value).toEqual({ step: 2 }));
    await zone.writer.deleteStatus([local]);
    await until(async () => expect(await hub.store.getStatus(remote)).toBeUndefined());
  });

  it("of a proxy of another zone are dropped", async () => {
    const hub = await fabric.hub();
    const east = await fabric.zone(hub, "east");
    await put(east.store, dataplane("a"));
    await untilNames(hub, ["a"]);
    const west = await fabric.zone(hub, "west");
    const stolen = { kind: "DataplaneInsight", mesh: "default", name: syncedName("a", "default", "east") };
    const own = { kind: "DataplaneInsight", mesh: "default", name: "b" };
    await west.writer.putStatus([
      { key: stolen, value: {} },
      { key: own, value: {} },
    ]);
    await until(async () => expect(await hub.store.listStatus("DataplaneInsight")).toHaveLength(2));
    expect(await hub.store.getStatus(stolen)).toBeUndefined();
  });
});
