import { randomBytes } from "node:crypto";
import { systemClock } from "@meridian/base";
import { syncedName } from "@meridian/model";
import { createMemoryStore, type Store, UnavailableError } from "@meridian/store";
import fc from "fast-check";
import { pack } from "msgpackr";
import { afterEach, describe, expect, it } from "vitest";
import { dataplane, Fabric, put, replicaOf, route, until } from "../testing/fabric.ts";
import { RawZone } from "../testing/raw-zone.ts";

const fabric = new Fabric();
const raws: RawZone[] = [];
afterEach(async () => {
  for (const raw of raws.splice(0)) raw.close();
  await fabric.close();
});

async function rawZone(port: number, zone: string): Promise<RawZone> {
  const raw = new RawZone(port, zone);
  raws.push(raw);
  await raw.open();
  return raw;
}

describe("a dead peer", () => {
  it("is noticed by both sides, and the zone comes back by itself", async () => {
    const beats = { heartbeatIntervalMs: 20, heartbeatTimeoutMs: 60 };
    const hub = await fabric.hub(beats);
    const zone = await fabric.zone(hub, "east", beats);
    await until(() => expect(hub.hub.report()).toMatchObject({ converged: true, zones: [{ status: "online" }] }));
    await until(() => expect(zone.client.state.value.state).toBe("connected"));
    zone.wire.silence();
    await until(() => expect(hub.hub.zones()).toMatchObject([{ status: "unknown" }]));
    await until(() => expect(zone.client.state.value).toMatchObject({ state: "connecting" }));
    expect(zone.client.state.value.reason).toContain("60 ms");
    zone.wire.cut();
    await until(() => expect(hub.hub.zones()).toMatchObject([{ status: "online" }]));
  });

  it("is not declared when this process itself stalls", async () => {
    const beats = { heartbeatIntervalMs: 20, heartbeatTimeoutMs: 60 };
    const hub = await fabric.hub(beats);
    const zone = await fabric.zone(hub, "east", beats);
    await until(() => expect(zone.client.state.value.state).toBe("connected"));
    const states: string[] = [];
    zone.client.state.subscribe(({ state }) => states.push(state));
    for (let round = 0; round < 3; round += 1) {
      const end = Date.now() + 250;
      while (Date.now() < end);
      const revision = await put(hub.store, route("a", { round }));
      await until(() => expect(zone.client.state.value.globalRevision).toBe(revision));
    }
    expect(new Set(states)).toEqual(new Set(["connected"]));
  });
});

describe("a slow zone", () => {
  it("gets the newest state and not every state between, within its window", async () => {
    const hub = await fabric.hub({ window: 3 });
    const zone = await rawZone(hub.port, "east");
    zone.hello();
    await zone.until("end");
    // begin, chunk and end are on their way, and nothing is acknowledged: the window is full.
    for (let step = 0; step < 200; step += 1) await put(hub.store, route(`r-${step % 3}`, { step }));
    const fast = await fabric.zone(hub, "west");
    await until(async () => expect((await replicaOf(fast.store)).size).toBe(3));
    expect(zone.of("delta")).toHaveLength(0);
    const [end] = zone.of("end");
    zone.send({ type: "ack", frames: 3, revision: end?.revision ?? 0, digest: end?.digest ?? "" });
    await zone.until("delta");
    const [delta] = zone.of("delta");
    expect(delta?.puts).toHaveLength(3);
    expect(delta?.revision).toBe(await hub.store.revision());
    const steps = delta?.puts.map((bytes) => JSON.parse(Buffer.from(bytes).toString()).spec.step);
    expect(steps?.sort()).toEqual([197, 198, 199]);
  });
});

describe("a zone that cannot apply", () => {
  it("says so, is shown with the reason, and gets a snapshot until it can", async () => {
    const base = createMemoryStore({ clock: systemClock });
    let broken = false;
    const store: Store = Object.create(base) as Store;
    store.commit = async (...args) => {
      if (broken) throw new UnavailableError("the disk is full");
      return base.commit(...args);
    };
    const hub = await fabric.hub();
    const zone = await fabric.zone(hub, "east", { store });
    await until(() => expect(zone.applied.length).toBeGreaterThan(0));
    broken = true;
    await put(hub.store, route("a"));
    await until(() => expect(hub.hub.zones()[0]?.syncError).toContain("the disk is full"));
    await put(hub.store, route("b"));
    broken = false;
    await until(async () => expect((await replicaOf(base)).size).toBe(2));
    await until(() => expect(hub.hub.zones()[0]).not.toHaveProperty("syncError"));
    expect(zone.client.state.value.state).toBe("connected");
  });

  it("is sent a snapshot when its digest is wrong", async () => {
    const hub = await fabric.hub();
    const zone = await rawZone(hub.port, "east");
    zone.hello();
    await zone.until("end");
    const [end] = zone.of("end");
    zone.send({ type: "ack", frames: zone.frames.length - 1, revision: end?.revision ?? 0, digest: "0".repeat(31) });
    await zone.until("end", 2);
  });
});

describe("malformed input", () => {
  it("closes with a clear code and leaves the hub alive", async () => {
    const hub = await fabric.hub();
    await fc.assert(
      fc.asyncProperty(hostileBytes, fc.boolean(), async (bytes, afterHello) => {
        const zone = await rawZone(hub.port, "east");
        if (afterHello) zone.hello();
        if (afterHello) await zone.until("welcome");
        zone.socket.send(bytes);
        const closed = await zone.untilClosed();
        expect(closed.code).toBe(4400);
        expect(closed.reason).toContain("malformed KDS frame");
      }),
      { numRuns: 60 },
    );
    const zone = await fabric.zone(hub, "west");
    await until(() => expect(zone.client.state.value.state).toBe("connected"));
  }, 30_000);

  it("refuses text frames, a second hello, frames before the hello and uploads that are no resources", async () => {
    const hub = await fabric.hub();
    const cases: ((zone: RawZone) => void)[] = [
      (zone) => zone.socket.send("hello"),
      (zone) => zone.hello(),
      (zone) => zone.send({ type: "credit", frames: 1000 }),
      (zone) => zone.send({ type: "upload", revision: 1, last: true, puts: [Buffer.from("{")], deletes: [] }),
      (zone) => zone.send({ type: "upload", revision: 1, last: true, puts: [Buffer.from('{"kind":1}')], deletes: [] }),
      (zone) => zone.send({ type: "upload", revision: 1, last: true, puts: [], deletes: ["no key"] }),
      (zone) => zone.send({ type: "insights", puts: [Buffer.from("[]")], deletes: [] }),
    ];
    for (const attack of cases) {
      const zone = await rawZone(hub.port, "east");
      zone.hello();
      await zone.until("welcome");
      attack(zone);
      expect((await zone.untilClosed()).code).toBe(4400);
    }
  });

  it("takes neither resources nor insights that belong to another zone or to the global", async () => {
    const hub = await fabric.hub();
    const east = await fabric.zone(hub, "east");
    await put(east.store, dataplane("a"));
    const victim = { kind: "Dataplane", mesh: "default", name: syncedName("a", "default", "east") };
    await until(async () => expect(await hub.store.get(victim)).toBeDefined());
    await put(hub.store, route("policy"));
    const before = await hub.store.get(victim);

    const hostile = await rawZone(hub.port, "west");
    hostile.hello();
    await hostile.until("welcome");
    const labels = { "kuma.io/origin": "zone", "kuma.io/zone": "west", "kuma.io/display-name": "a" };
    const puts = [
      { ...victim, labels, spec: { stolen: true } },
      { ...victim, labels: { ...labels, "kuma.io/zone": "east" }, spec: { stolen: true } },
      { kind: "TrafficRoute", mesh: "default", name: "policy", labels, spec: { stolen: true } },
      { kind: "DataplaneInsight", mesh: "default", name: "x", labels, spec: {} },
      { kind: "Nonsense", mesh: "default", name: "x", labels, spec: {} },
    ].map((resource) => Buffer.from(JSON.stringify(resource)));
    const deletes = ["Dataplane/default/".concat(victim.name), "TrafficRoute/default/policy"];
    const insight = { ...victim, kind: "DataplaneInsight", value: { stolen: true } };
    hostile.send({ type: "insights", puts: [Buffer.from(JSON.stringify(insight))], deletes: [] });
    hostile.send({ type: "upload", revision: 1, last: true, puts, deletes });
    await hostile.until("uploadAck");
    expect(hostile.of("uploadAck")[0]?.rejected).toHaveLength(5);
    expect(await hub.store.get(victim)).toEqual(before);
    expect((await hub.store.get(route("policy")))?.spec).toEqual({ weight: 1 });
    const own = { kind: "DataplaneInsight", mesh: "default", name: "own", value: 1 };
    hostile.send({ type: "insights", puts: [Buffer.from(JSON.stringify(own))], deletes: [] });
    await until(async () => expect(await hub.store.listStatus("DataplaneInsight")).toHaveLength(1));
    expect(await hub.store.getStatus({ ...victim, kind: "DataplaneInsight" })).toBeUndefined();
  });

  it("a zone survives a hub that sends nonsense", async () => {
    const { WebSocketServer } = await import("ws");
    const server = new WebSocketServer({ port: 0, handleProtocols: () => "meridian.kds.v1" });
    server.on("connection", (socket) => socket.send(randomBytes(64)));
    const zone = await fabric.zone({ port: (server.address() as { port: number }).port }, "east");
    await until(() => expect(zone.client.state.value).toMatchObject({ code: "MALFORMED_FRAME" }));
    server.close();
    for (const socket of server.clients) socket.terminate();
  });
});

const hostileBytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  fc.anything().map((value) => {
    try {
      return pack(value);
    } catch {
      return Buffer.from([0xc1]);
    }
  }),
  fc
    .record({ type: fc.constantFrom("ack", "nack", "upload", "progress", "response", "credit"), rest: fc.string() })
    .map((frame) => pack(frame)),
  // Lists that claim to be huge, nested.
  fc.nat(40).map((depth) => Buffer.concat(Array.from({ length: depth + 1 }, () => Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff])))),
);
