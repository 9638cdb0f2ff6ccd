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

  it("creates the Zone resource on the first connection", async () => {
    const hub = await fabric.hub();
    await fabric.zone(hub, "east");
    await until(async () =>
      expect((await hub.store.get({ kind: "Zone", mesh: "", name: "east" }))?.spec).toEqual({ enabled: true }),
    );
  });
});
