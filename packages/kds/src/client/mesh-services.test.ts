import { createAdmission } from "@meridian/admission";
import { silentLogger, systemClock } from "@meridian/base";
import type { ResourceInput } from "@meridian/model";
import { generateCa, generateSigningKey, inspectCa, signToken } from "@meridian/pki";
import { Reconciler, type ReconcilerOptions } from "@meridian/reconcile";
import { createMemoryStore, type Store } from "@meridian/store";
import { afterEach, expect, it } from "vitest";
import { Fabric, put, remove, type TestZone, until } from "../testing/fabric.ts";
import { testKinds } from "../testing/kinds.ts";

const fabric = new Fabric();
const running: Reconciler[] = [];
afterEach(async () => {
  for (const reconciler of running.splice(0)) await reconciler.stop();
  await fabric.close();
});

async function reconcile(store: Store, place: ReconcilerOptions["place"]): Promise<void> {
  const own = place.role === "zone" ? { role: "zone" as const, zone: place.zone } : { role: "global" as const };
  const admission = createAdmission({
    ...{ store, kinds: testKinds, env: "universal", clock: systemClock, ...own },
    pki: { generateCa, inspectCa, generateSigningKey, signToken },
  });
  const reconciler = new Reconciler({ store, admission, clock: systemClock, logger: silentLogger, place });
  running.push(reconciler);
  await reconciler.start();
}

const mesh: ResourceInput = {
  kind: "Mesh",
  mesh: "",
  name: "default",
  labels: {},
  spec: { meshServices: { mode: "Everywhere" } },
};

function generator(name: string, kind: string, template: string): ResourceInput {
  const selector = { [kind]: { matchLabels: { "kuma.io/origin": "global" } } };
  return { kind: "HostnameGenerator", mesh: "", name, labels: {}, spec: { selector, template } };
}

function proxy(name: string, state: "Ready" | "NotReady" = "Ready"): ResourceInput {
  const inbound = [{ port: 80, state, tags: { "kuma.io/service": "web" } }];
  return { kind: "Dataplane", mesh: "default", name, labels: {}, spec: { networking: { address: "10.0.0.1", inbound } } };
}

const joined: ResourceInput = {
  kind: "MeshMultiZoneService",
  mesh: "default",
  name: "web",
  labels: {},
  spec: { selector: { meshService: { matchLabels: { "kuma.io/display-name": "web" } } }, ports: [{ port: 80 }] },
};

/** The one resource of a kind with this zone's label. */
async function only(store: Store, kind: string, zone?: string) {
  const found = await store.list(kind, zone === undefined ? {} : { labels: { "kuma.io/zone": zone } });
  expect(found).toHaveLength(1);
  return found[0];
}

it("a service of two zones is joined under one name, with addresses that each zone gives itself", async () => {
  const hub = await fabric.hub({ store: createMemoryStore({ clock: systemClock }) });
  await reconcile(hub.store, { role: "global" });
  await put(
    hub.store,
    mesh,
    joined,
    generator("remote", "meshService", "{{ .DisplayName }}.svc.{{ .Zone }}.mesh.local"),
    generator("joined", "meshMultiZoneService", "{{ .DisplayName }}.mzsvc.mesh.local"),
  );
  const zones: Record<string, TestZone> = {};
  for (const name of ["east", "west"]) {
    const zone = await fabric.zone(hub, name);
    zones[name] = zone;
    await reconcile(zone.store, { role: "zone", zone: name, env: "universal" });
    await put(zone.store, proxy(`web-${name}`));
  }
  const stores = [hub, ...Object.values(zones)].map(({ store }) => store);
  const both = ["east", "west"].map((zone) => ({ name: "web", namespace: "", zone, mesh: "default" }));
  for (const store of stores) {
    await until(async () => expect((await only(store, "MeshMultiZoneService"))?.status).toMatchObject({ meshServices: both }));
  }
  expect((await only(hub.store, "MeshMultiZoneService"))?.status).not.toHaveProperty("vips");

  const west = zones["west"]?.store ?? hub.store;
  const named = (hostname: string, network: string) => ({
    vips: [{ ip: expect.stringMatching(new RegExp(`^${network}\\.`)) }],
    addresses: [expect.objectContaining({ hostname })],
  });
  await until(async () => {
    expect((await only(west, "MeshService", "east"))?.status).toMatchObject(named("web.svc.east.mesh.local", "241"));
    expect((await only(west, "MeshMultiZoneService"))?.status).toMatchObject(named("web.mzsvc.mesh.local", "243"));
  });

  const before = (await only(west, "MeshService", "east"))?.status;
  const east = zones["east"]?.store ?? hub.store;
  await put(east, proxy("web-east", "NotReady"));
  await until(async () => {
    const copy = await only(west, "MeshService", "east");
    expect(copy?.spec).toMatchObject({ state: "Unavailable" });
    expect(copy?.status).toEqual(before);
  });

  await put(east, { ...mesh, labels: { "kuma.io/origin": "global" }, spec: {} });
  await until(async () => expect(await west.list("MeshService", { labels: { "kuma.io/zone": "east" } })).toEqual([]));
  for (const store of [hub.store, west]) {
    await until(async () => {
      expect((await only(store, "MeshMultiZoneService"))?.status).toMatchObject({ meshServices: both.slice(1) });
    });
  }
  await remove(hub.store, joined);
  await until(async () => expect(await west.list("MeshMultiZoneService")).toEqual([]));
}, 30_000);
