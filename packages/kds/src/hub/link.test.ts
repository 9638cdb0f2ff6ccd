import { labelNames, syncedName } from "@meridian/model";
import { afterEach, describe, expect, it } from "vitest";
import { Fabric, put, remove, replicaOf, route, until } from "../testing/fabric.ts";

const fabric = new Fabric();
afterEach(() => fabric.close());

describe("global to zone", () => {
  it("brings what there is, then every change, then its end", async () => {
    const hub = await fabric.hub();
    const mesh = { kind: "Mesh", mesh: "", name: "default", labels: {}, spec: {} };
    await put(hub.store, mesh, route("canary", { weight: 1 }));
    const zone = await fabric.zone(hub, "east");
    const name = syncedName("canary", "default");
    const key = { kind: "TrafficRoute", mesh: "default", name };
    await until(async () => expect((await zone.store.get(key))?.spec).toEqual({ weight: 1 }));
    const copy = await zone.store.get(key);
    expect(copy?.labels).toEqual({ [labelNames.origin]: "global", [labelNames.displayName]: "canary" });
    expect(await zone.store.get({ kind: "Mesh", mesh: "", name: "default" })).toBeDefined();

    await put(hub.store, route("canary", { weight: 2 }));
    await until(async () => expect((await zone.store.get(key))?.spec).toEqual({ weight: 2 }));
    await remove(hub.store, route("canary"));
    await until(async () => expect(await zone.store.get(key)).toBeUndefined());
    expect(zone.client.state.value.state).toBe("connected");
    expect((await replicaOf(zone.store)).size).toBe(1);
  });

  it("tells when each resource was created, which decides between policies that fit alike", async () => {
    const hub = await fabric.hub();
    await hub.store.commit([{ op: "put", resource: route("old"), creationTime: "2020-01-01T00:00:00.000Z" }], { author: "test" });
    const zone = await fabric.zone(hub, "east");
    const key = { kind: "TrafficRoute", mesh: "default", name: syncedName("old", "default") };
    const created = async () => (await zone.store.get(key))?.creationTime;
    await until(async () => expect(await created()).toBe("2020-01-01T00:00:00.000Z"));

    await remove(hub.store, route("old"));
    await put(hub.store, route("old"));
    const anew = (await hub.store.get(route("old")))?.creationTime;
    await until(async () => expect(await created()).toBe(anew));
  });

  it("creates the Zone resource on the first connection", async () => {
    const hub = await fabric.hub();
    await fabric.zone(hub, "east");
    await until(async () =>
      expect((await hub.store.get({ kind: "Zone", mesh: "", name: "east" }))?.spec).toEqual({ enabled: true }),
    );
  });
});
