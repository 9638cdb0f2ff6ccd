import { randomBytes } from "node:crypto";
import { compareText, keyText, syncedName } from "@meridian/model";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { copyForZones, originOf } from "../sync/to-zone.ts";
import {
  contentOf,
  Fabric,
  ingress,
  put,
  remove,
  replicaOf,
  route,
  type TestHub,
  type TestZone,
  until,
} from "../testing/fabric.ts";
import { testKinds } from "../testing/kinds.ts";

const fabric = new Fabric();
afterEach(() => fabric.close());

const bulk = (count: number) =>
  Array.from({ length: count }, (_, index) => route(`r-${index}`, { pad: randomBytes(256).toString("hex") }));

async function snapshots(hub: TestHub): Promise<number> {
  return (await hub.metrics.getSingleMetric("meridian_kds_snapshots_total")?.get())?.values[0]?.value ?? 0;
}

/** What a zone should hold, worked out directly from the global's store. */
async function expected(hub: TestHub, zone: string): Promise<ReadonlyMap<string, string>> {
  const replica = new Map<string, string>();
  const zones = await hub.store.list<{ enabled?: boolean }>("Zone");
  const disabled = new Set(zones.filter(({ spec }) => spec.enabled === false).map(({ name }) => name));
  for (const { kind } of testKinds.all) {
    for (const resource of await hub.store.list(kind)) {
      const copy = copyForZones(resource, { kinds: testKinds });
      const origin = originOf(resource);
      if (!copy || origin === zone || disabled.has(origin)) continue;
      replica.set(copy.key, contentOf(JSON.parse(Buffer.from(copy.entry.bytes).toString())));
    }
  }
  return replica;
}

async function untilSame(hub: TestHub, zone: TestZone, name: string): Promise<void> {
  await until(async () => expect(sorted(await replicaOf(zone.store))).toEqual(sorted(await expected(hub, name))));
}

function sorted(map: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...map].sort(([a], [b]) => compareText(a, b));
}

describe("resume", () => {
  it("sends a reconnected zone only what changed meanwhile, also after its restart", async () => {
    const hub = await fabric.hub();
    await put(hub.store, ...bulk(500));
    const zone = await fabric.zone(hub, "east");
    await untilSame(hub, zone, "east");
    const fullSyncBytes = zone.wire.bytesDown;
    expect(fullSyncBytes).toBeGreaterThan(250_000);

    zone.wire.refuse(true);
    await put(hub.store, route("r-7", { changed: true }));
    await remove(hub.store, route("r-8"));
    zone.wire.bytesDown = 0;
    zone.wire.refuse(false);
    await untilSame(hub, zone, "east");
    expect(zone.wire.bytesDown).toBeLessThan(3000);

    await zone.stop();
    await put(hub.store, route("r-9", { changed: true }));
    const again = await fabric.zone(hub, "east", { store: zone.store });
    await untilSame(hub, again, "east");
    expect(again.wire.bytesDown).toBeLessThan(3000);
    expect(await snapshots(hub)).toBe(1);
  });

  it("resumes at another hub process on the same store", async () => {
    const hub = await fabric.hub();
    await put(hub.store, ...bulk(100));
    const zone = await fabric.zone(hub, "east");
    await untilSame(hub, zone, "east");
    await hub.stop();
    await put(hub.store, route("r-3", { changed: true }));
    const next = await fabric.hub({ store: hub.store, instanceId: "global-2" });
    hub.port = next.port;
    zone.wire.bytesDown = 0;
    await untilSame(next, zone, "east");
    expect(zone.wire.bytesDown).toBeLessThan(3000);
    expect(await snapshots(next)).toBe(0);
  });

  it("sends a snapshot when the zone's replica was tampered with, and heals it", async () => {
    const hub = await fabric.hub();
    await put(hub.store, ...bulk(50));
    const zone = await fabric.zone(hub, "east");
    await untilSame(hub, zone, "east");
    await zone.stop();
    const [first, second] = await zone.store.list("TrafficRoute");
    if (!first || !second) throw new Error("the zone holds no routes");
    await remove(zone.store, first);
    await put(zone.store, { ...second, spec: { tampered: true } });
    const again = await fabric.zone(hub, "east", { store: zone.store });
    await untilSame(hub, again, "east");
    expect(await snapshots(hub)).toBe(2);
  });

  it("sends a snapshot when the log no longer reaches back, and removes what is gone", async () => {
    const hub = await fabric.hub();
    await put(hub.store, ...bulk(20));
    const zone = await fabric.zone(hub, "east");
    await untilSame(hub, zone, "east");
    zone.wire.refuse(true);
    await remove(hub.store, route("r-1"));
    await put(hub.store, route("new"));
    await hub.store.compact(await hub.store.revision());
    zone.wire.refuse(false);
    await untilSame(hub, zone, "east");
    expect(await zone.store.get({ ...route("x"), name: syncedName("r-1", "default") })).toBeUndefined();
    expect(await snapshots(hub)).toBe(2);
  });

  it("replaces the replica when the zone meets another global", async () => {
    const hub = await fabric.hub();
    await put(hub.store, ...bulk(20));
    const zone = await fabric.zone(hub, "east");
    await untilSame(hub, zone, "east");
    const other = await fabric.hub({ instanceId: "other-1" });
    await put(other.store, route("other"));
    hub.port = other.port;
    zone.wire.cut();
    await untilSame(other, zone, "east");
    expect((await replicaOf(zone.store)).size).toBe(1);
  });

  it("cuts a large change into chunks that the zone applies as one", async () => {
    const hub = await fabric.hub({ chunkSizeBytes: 2000, window: 2 });
    const zone = await fabric.zone(hub, "east");
    await until(() => expect(zone.client.state.value.state).toBe("connected"));
    const revision = await put(hub.store, ...bulk(100));
    await untilSame(hub, zone, "east");
    const before = await zone.store.revision();
    const all = await zone.store.list("TrafficRoute");
    expect(new Set(all.map((resource) => resource.version))).toEqual(new Set([before]));
    await until(() => expect(zone.client.state.value.globalRevision).toBeGreaterThanOrEqual(revision));
  });
});

type Step =
  | { readonly do: "put" | "remove" | "own" | "disown"; readonly index: number; readonly value: number }
  | { readonly do: "cut" | "restart" | "compact" | "switch" };

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom("put" as const, "remove" as const, "own" as const, "disown" as const),
        index: fc.nat(4),
        value: fc.nat(3),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constantFrom("cut" as const, "restart" as const, "compact" as const, "switch" as const) }),
    },
  ),
  { minLength: 1, maxLength: 25 },
);

describe("delta applied = snapshot", () => {
  it("whatever happens in between", async () => {
    await fc.assert(fc.asyncProperty(steps, runHistory), { numRuns: 40 });
  }, 60_000);
});

/** A second zone offers ingresses, so that what goes from zone to zone, and zones that are switched off, are part of the history. */
async function runHistory(history: readonly Step[]): Promise<void> {
  const world = new Fabric();
  try {
    const hub = await world.hub({ window: 2, chunkSizeBytes: 300 });
    let east = await world.zone(hub, "east");
    const west = await world.zone(hub, "west");
    const syncErrors = new Set<string>();
    hub.hub.subscribe(() => {
      for (const { syncError } of hub.hub.zones()) if (syncError) syncErrors.add(syncError);
    });
    await until(() => expect(Math.min(east.applied.length, west.applied.length)).toBeGreaterThan(0));
    for (const step of history) {
      if (step.do === "put") await put(hub.store, route(`r-${step.index}`, { value: step.value }));
      else if (step.do === "remove") await remove(hub.store, route(`r-${step.index}`));
      else if (step.do === "own") await put(west.store, ingress(`i-${step.index}`, { value: step.value }));
      else if (step.do === "disown") await remove(west.store, ingress(`i-${step.index}`));
      else if (step.do === "cut") east.wire.cut();
      else if (step.do === "compact") await hub.store.compact(await hub.store.revision());
      else if (step.do === "switch") await switchZone(hub, "west");
      else {
        await east.stop();
        east = await world.zone(hub, "east", { store: east.store });
      }
    }
    await untilSame(hub, east, "east");
    const fresh = await world.zone(hub, "north");
    await until(() => expect(fresh.applied.length).toBeGreaterThan(0));
    await untilSame(hub, fresh, "north");
    // What west offered last may still be under way to the global.
    await until(async () => expect(sorted(await replicaOf(east.store))).toEqual(sorted(await replicaOf(fresh.store))));
    // Both sides always agreed on the digest: nothing was healed on the quiet.
    expect([...syncErrors]).toEqual([]);
    const wasCompacted = history.some((step) => step.do === "compact");
    if (!wasCompacted) expect(await snapshots(hub)).toBe(3);
  } finally {
    await world.close();
  }
}

async function switchZone(hub: TestHub, zone: string): Promise<void> {
  const key = { kind: "Zone", mesh: "", name: zone };
  const resource = await hub.store.get<{ enabled?: boolean }>(key);
  if (!resource) throw new Error(`${keyText(key)} is missing`);
  await put(hub.store, { ...key, labels: {}, spec: { enabled: resource.spec.enabled === false } });
}
