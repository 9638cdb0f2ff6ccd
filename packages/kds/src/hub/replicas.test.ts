import { Latest } from "@meridian/base";
import type { ZoneProgress } from "@meridian/model";
import { afterEach, describe, expect, it } from "vitest";
import { dataplane, Fabric, progressAt, put, route, until } from "../testing/fabric.ts";

const fabric = new Fabric();
afterEach(() => fabric.close());

async function twoHubs() {
  const first = await fabric.hub({ instanceId: "global-1" });
  const second = await fabric.hub({ instanceId: "global-2", store: first.store });
  return { first, second };
}

describe("two replicas of a global on one store", () => {
  it("each know the convergence of all zones", async () => {
    const { first, second } = await twoHubs();
    const progress = new Latest<ZoneProgress>(progressAt(0));
    await fabric.zone(first, "east", { progress, onApplied: () => {} });
    await fabric.zone(second, "west");
    for (const { hub } of [first, second]) {
      await until(() =>
        expect(hub.zones().map(({ zone, status }) => [zone, status])).toEqual([
          ["east", "online"],
          ["west", "online"],
        ]),
      );
    }
    const revision = await put(second.store, route("a"));
    await until(() =>
      expect(second.hub.report(revision).zones).toMatchObject([{ zone: "east", behindRevisions: 1 }, { behindRevisions: 0 }]),
    );
    expect(second.hub.report(revision).converged).toBe(false);
    progress.set(progressAt(revision));
    for (const { hub } of [first, second]) await until(() => expect(hub.report(revision).converged).toBe(true));
  });

  it("say which of them a zone is connected to", async () => {
    const { first, second } = await twoHubs();
    await fabric.zone(first, "east");
    const request = { type: "stats", proxyKind: "Dataplane", mesh: "default", name: "web-1" } as const;
    await until(() => expect(second.hub.zones()).toMatchObject([{ status: "online" }]));
    await expect(second.hub.request("east", request)).rejects.toMatchObject({ code: "ZONE_ON_OTHER_REPLICA" });
    await expect(second.hub.request("east", request)).rejects.toThrow("global-1");
    expect(await first.hub.request("east", request)).toBe("stats of web-1");
  });

  it("refuse a second control plane of a zone that is alive at the other", async () => {
    const { first, second } = await twoHubs();
    const holder = await fabric.zone(first, "east");
    await until(() => expect(second.hub.zones()).toMatchObject([{ status: "online" }]));
    const claimant = await fabric.zone(second, "east", { instanceId: "east-2" });
    await until(() => expect(claimant.client.state.value).toMatchObject({ state: "refused", code: "ZONE_NAME_TAKEN" }));
    expect(holder.client.state.value.state).toBe("connected");
    await holder.stop();
    await until(() => expect(claimant.client.state.value.state).toBe("connected"));
  });

  it("let the same control plane move from one to the other", async () => {
    const { first, second } = await twoHubs();
    const zone = await fabric.zone(first, "east", { heartbeatTimeoutMs: 60_000 });
    await put(zone.store, dataplane("a"));
    await until(async () => expect(await first.store.count("Dataplane")).toBe(1));
    zone.wire.silence();
    const moved = await fabric.zone(second, "east", { store: zone.store });
    await until(() => expect(moved.client.state.value.state).toBe("connected"));
    await until(() => expect(first.hub.zones()).toMatchObject([{ status: "online" }]));
    await put(moved.store, dataplane("b"));
    await until(async () => expect(await first.store.count("Dataplane")).toBe(2));
  });

  it("come to the same verdict when both let a zone in at the same time", async () => {
    const { first, second } = await twoHubs();
    const zones = await Promise.all([
      fabric.zone(first, "east", { instanceId: "east-1" }),
      fabric.zone(second, "east", { instanceId: "east-2" }),
    ]);
    await until(() => {
      const states = zones.map((zone) => zone.client.state.value.code ?? zone.client.state.value.state).sort();
      expect(states).toEqual(["ZONE_NAME_TAKEN", "connected"]);
    });
  });

  it("show a zone as unknown when the replica that held it vanishes", async () => {
    const beats = { heartbeatIntervalMs: 20, heartbeatTimeoutMs: 80 };
    const first = await fabric.hub({ instanceId: "global-1", ...beats });
    const second = await fabric.hub({ instanceId: "global-2", store: first.store, ...beats });
    const zone = await fabric.zone(first, "east");
    await until(() => expect(second.hub.zones()).toMatchObject([{ status: "online" }]));
    await first.stop();
    await until(() => expect(second.hub.zones()).toMatchObject([{ status: "unknown" }]));
    first.port = second.port;
    await until(() => expect(second.hub.zones()).toMatchObject([{ status: "online" }]));
    await until(() => expect(zone.client.state.value.state).toBe("connected"));
  });
});
