import { Latest } from "@meridian/base";
import type { Rejection, ZoneProgress } from "@meridian/model";
import { afterEach, describe, expect, it } from "vitest";
import { dataplane, Fabric, ingress, progressAt, put, route, type TestZone, until } from "../testing/fabric.ts";

const fabric = new Fabric();
afterEach(() => fabric.close());

async function connected(...zones: readonly TestZone[]): Promise<void> {
  for (const zone of zones) await until(() => expect(zone.client.state.value.state).toBe("connected"));
}

describe("convergence", () => {
  it("is reached when every zone's proxies acknowledged, and not before", async () => {
    const hub = await fabric.hub();
    const progress = new Latest<ZoneProgress>(progressAt(0));
    const east = await fabric.zone(hub, "east", { progress, onApplied: () => {} });
    const west = await fabric.zone(hub, "west");
    await connected(east, west);
    const revision = await put(hub.store, route("a"));
    expect(hub.hub.report(revision + 5).converged).toBe(false);
    const zones = [
      { zone: "east", status: "online", behindRevisions: 1 },
      { zone: "west", status: "online", behindRevisions: 0 },
    ];
    await until(() => expect(hub.hub.report(revision)).toMatchObject({ converged: false, zones }));

    const heard = new Promise<void>((resolve) => {
      hub.hub.subscribe(() => hub.hub.report(revision).converged && resolve());
    });
    progress.set({ ...progressAt(revision), proxies: { connected: 3, pending: 0, rejected: 0 } });
    await heard;
    expect(hub.hub.report().zones[0]).toMatchObject({ zone: "east", proxies: { connected: 3 }, behindMs: 0 });
  });

  it("of a revision that concerns no zone is there at once", async () => {
    const hub = await fabric.hub();
    const progress = new Latest<ZoneProgress>(progressAt(0));
    const east = await fabric.zone(hub, "east", { progress });
    await connected(east);
    await until(() => expect(hub.hub.report().converged).toBe(true));
    const revision = await put(hub.store, { kind: "GlobalSecret", mesh: "", name: "envoy-admin-ca", labels: {}, spec: {} });
    await until(() => expect(hub.hub.report().revision).toBe(revision));
    expect(hub.hub.report(revision)).toMatchObject({ converged: true, zones: [{ behindRevisions: 0 }] });
  });

  it("does not wait for the zone that a change came from", async () => {
    const hub = await fabric.hub();
    const progress = new Latest<ZoneProgress>(progressAt(0));
    const east = await fabric.zone(hub, "east", { progress });
    const west = await fabric.zone(hub, "west");
    await connected(east, west);
    await until(() => expect(hub.hub.report().converged).toBe(true));
    await put(east.store, ingress("zi"), dataplane("a"));
    await until(async () => expect(await west.store.count("ZoneIngress")).toBe(1));
    await until(() => expect(hub.hub.report().converged).toBe(true));
  });

  it("fails on a rejection of the revision, and shows it", async () => {
    const hub = await fabric.hub();
    const progress = new Latest<ZoneProgress>(progressAt(0));
    const east = await fabric.zone(hub, "east", { progress, onApplied: () => {} });
    await connected(east);
    const revision = await put(hub.store, route("a"));
    const rejection: Rejection = {
      mesh: "default",
      proxy: "web-1",
      typeUrl: "type.googleapis.com/envoy.config.listener.v3.Listener",
      resources: ["inbound"],
      message: "no such filter",
      policies: ["TrafficRoute/default/a"],
      revision,
      time: "2026-01-01T00:00:00Z",
    };
    progress.set({ ...progressAt(revision), proxies: { connected: 1, pending: 0, rejected: 1 }, rejections: [rejection] });
    await until(() => expect(hub.hub.report(revision).zones[0]?.rejections).toEqual([rejection]));
    expect(hub.hub.report(revision).converged).toBe(false);
  });

  it("of a zone that is not heard of is unknown, with its age and its lag, also after a restart of the global", async () => {
    const hub = await fabric.hub();
    const east = await fabric.zone(hub, "east");
    await put(hub.store, route("a"));
    await connected(east);
    await until(() => expect(hub.hub.report()).toMatchObject({ converged: true, zones: [{ status: "online" }] }));
    await east.stop();
    await until(() => expect(hub.hub.zones()).toMatchObject([{ status: "unknown" }]));
    const lastHeard = hub.hub.zones()[0]?.lastHeard ?? "";
    expect(Date.parse(lastHeard)).toBeGreaterThan(Date.now() - 60_000);
    await put(hub.store, route("b"));
    await put(hub.store, route("c"));
    await until(() => expect(hub.hub.zones()).toMatchObject([{ behindRevisions: 2 }]));
    await hub.stop();
    const next = await fabric.hub({ store: hub.store, instanceId: "global-2" });
    expect(next.hub.zones()).toMatchObject([{ zone: "east", status: "unknown", behindRevisions: 2, lastHeard }]);
  });

  it("knows a zone that never connected", async () => {
    const hub = await fabric.hub();
    await put(hub.store, { kind: "Zone", mesh: "", name: "north", labels: {}, spec: { enabled: true } });
    await until(() => expect(hub.hub.zones()).toMatchObject([{ zone: "north", status: "unknown" }]));
    expect(hub.hub.zones()[0]).not.toHaveProperty("lastHeard");
  });
});

describe("ZoneInsight", () => {
  it("keeps the peer's shape: a subscription per connection, closed when it ends", async () => {
    const hub = await fabric.hub();
    const east = await fabric.zone(hub, "east", { config: "masked" });
    await connected(east);
    await put(hub.store, route("a"));
    const key = { kind: "ZoneInsight", mesh: "", name: "east" };
    const insight = async () => (await hub.store.getStatus(key))?.value;
    await until(async () =>
      expect(await insight()).toMatchObject({
        subscriptions: [
          {
            globalInstanceId: "global-1",
            zoneInstanceId: "east-1",
            config: "masked",
            authTokenProvided: true,
            version: { kumaCp: { version: "0.1.0" } },
            status: { stat: { TrafficRoute: { responsesSent: "1", responsesAcknowledged: "1", responsesRejected: "0" } } },
          },
        ],
      }),
    );
    expect(await insight()).not.toMatchObject({ subscriptions: [{ disconnectTime: expect.anything() }] });
    east.wire.cut();
    await until(async () =>
      expect(await insight()).toMatchObject({
        subscriptions: [{ disconnectTime: expect.any(String) }, { zoneInstanceId: "east-1" }],
      }),
    );
  });
});

describe("requests", () => {
  it("travel down the stream and bring back large answers", async () => {
    const hub = await fabric.hub();
    const dump = "x".repeat(1_000_000);
    const east = await fabric.zone(hub, "east", {
      onRequest: async (request) => {
        if (request.name === "gone") throw new Error("no such proxy");
        return `${request.type}:${dump}`;
      },
    });
    await connected(east);
    const request = { type: "config_dump", proxyKind: "Dataplane", mesh: "default", name: "web-1" } as const;
    expect(await hub.hub.request("east", request)).toBe(`config_dump:${dump}`);
    await expect(hub.hub.request("east", { ...request, name: "gone" })).rejects.toMatchObject({ code: "REQUEST_FAILED" });
    await expect(hub.hub.request("nowhere", request)).rejects.toMatchObject({ code: "ZONE_OFFLINE" });
  });

  it("time out, and fail when the zone leaves", async () => {
    const hub = await fabric.hub({ requestTimeoutMs: 20 });
    const never = new Promise<string>(() => {});
    const east = await fabric.zone(hub, "east", { onRequest: () => never });
    await connected(east);
    const request = { type: "stats", proxyKind: "Dataplane", mesh: "default", name: "web-1" } as const;
    await expect(hub.hub.request("east", request)).rejects.toMatchObject({ code: "TIMEOUT" });
    const patient = await fabric.hub();
    const west = await fabric.zone(patient, "west", { onRequest: () => never });
    await connected(west);
    const asked = patient.hub.request("west", request);
    west.wire.cut();
    await expect(asked).rejects.toMatchObject({ code: "ZONE_OFFLINE" });
  });
});
