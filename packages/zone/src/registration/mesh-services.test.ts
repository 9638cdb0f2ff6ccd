import { silentLogger, systemClock } from "@meridian/base";
import { observeInsights } from "@meridian/kds";
import { coreKinds, createKindRegistry, type Resource } from "@meridian/model";
import { Reconciler } from "@meridian/reconcile";
import { createMemoryStore, type Store } from "@meridian/store";
import { afterEach, expect, it, vi } from "vitest";
import { dataplaneDocument } from "../testing/documents.ts";
import { helloOf, TestZone } from "../testing/zone.ts";

interface ServiceFacts {
  readonly vips: readonly { readonly ip: string }[];
  readonly addresses: readonly { readonly hostname: string }[];
  readonly dataplaneProxies: { readonly connected: number; readonly healthy: number; readonly total: number };
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** With timers that are real: those of the reconciler, and of the keys that a control plane starts with. */
async function until(check: () => Promise<void>): Promise<void> {
  await vi.waitFor(check, { timeout: 20_000, interval: 5 });
}

/** A zone control plane as the executable composes it, for this part. */
async function startZone(store: Store): Promise<{ readonly zone: TestZone; readonly stop: () => Promise<void> }> {
  const observed = observeInsights(store, createKindRegistry(coreKinds));
  const zone = new TestZone({ store: observed.store, graceMs: 1 });
  const reconciler = new Reconciler({
    ...{ store: observed.store, admission: zone.admission, insights: observed.insights },
    ...{ clock: systemClock, logger: silentLogger, countsIntervalMs: 1, burstIntervalMs: 1 },
    place: { role: "zone", zone: "east", env: "universal" },
  });
  await zone.start();
  await reconciler.start();
  const stop = async (): Promise<void> => {
    await reconciler.stop();
    await zone.stop();
  };
  stops.push(stop);
  return { zone, stop };
}

it("a data plane that connects makes its service known, and a restart of the control plane keeps its address", async () => {
  const store = createMemoryStore({ clock: systemClock });
  const serviceOf = (name: string): Promise<Resource | undefined> => store.get({ kind: "MeshService", mesh: "default", name });
  const statusOf = async (name: string): Promise<ServiceFacts> => (await serviceOf(name))?.status as ServiceFacts;

  const first = await startZone(store);
  await first.zone.put({ type: "Mesh", name: "default", meshServices: { mode: "Everywhere" } });
  await first.zone.serve(helloOf(dataplaneDocument("web")));
  await first.zone.serve(helloOf(dataplaneDocument("db")));
  await until(async () => {
    expect(await serviceOf("web")).toMatchObject({
      labels: { "kuma.io/managed-by": "meshservice-generator", "kuma.io/zone": "east" },
      spec: { ports: [{ port: 80, targetPort: 80, appProtocol: "http", name: "80" }], state: "Available" },
    });
    const { addresses, dataplaneProxies } = await statusOf("web");
    expect(addresses.map(({ hostname }) => hostname)).toEqual(["web.svc.mesh.local"]);
    expect(dataplaneProxies).toEqual({ connected: 1, healthy: 1, total: 1 });
    expect((await statusOf("db")).vips).toHaveLength(1);
  });
  const vips = [(await statusOf("web")).vips, (await statusOf("db")).vips];
  expect(vips[0]).not.toEqual(vips[1]);

  await first.stop();
  const second = await startZone(store);
  await second.zone.serve(helloOf(dataplaneDocument("cache")));
  await second.zone.serve(helloOf(dataplaneDocument("db")));
  await until(async () => {
    expect((await statusOf("cache")).vips).toHaveLength(1);
    expect((await statusOf("db")).dataplaneProxies.connected).toBe(1);
  });
  expect([(await statusOf("web")).vips, (await statusOf("db")).vips]).toEqual(vips);
  expect(vips).not.toContainEqual((await statusOf("cache")).vips);
}, 60_000);
