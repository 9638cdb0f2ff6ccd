import { systemClock } from "@meridian/base";
import { labelNames, type Resource, type ResourceInput, syncedName } from "@meridian/model";
import { createMemoryStore, type Store } from "@meridian/store";
import { afterEach, describe, expect, it } from "vitest";
import { Fabric, put, remove, until } from "../testing/fabric.ts";
import { testKinds } from "../testing/kinds.ts";

const fabric = new Fabric();
afterEach(() => fabric.close());

type Place = "global" | "east" | "west";

async function world(): Promise<Readonly<Record<Place, Store>>> {
  const hub = await fabric.hub({ publicKeyOf: () => "public" });
  const [east, west] = [await fabric.zone(hub, "east"), await fabric.zone(hub, "west")];
  for (const { client } of [east, west]) await until(() => expect(client.state.value.state).toBe("connected"));
  return { global: hub.store, east: east.store, west: west.store };
}

/** What of a kind each place holds, without the mark that ends a test. */
async function held(stores: Readonly<Record<Place, Store>>, kind: string): Promise<Readonly<Record<Place, readonly Resource[]>>> {
  const [global, east, west] = await Promise.all([stores.global, stores.east, stores.west].map((store) => store.list(kind)));
  return { global: global ?? [], east: east ?? [], west: west ?? [] };
}

/** A mark that follows a write on both ways: when it is everywhere, so is what came before it. */
async function settled(stores: Readonly<Record<Place, Store>>): Promise<void> {
  const mark = (name: string): ResourceInput => ({ kind: "ZoneIngress", mesh: "", name, labels: {}, spec: { port: 1 } });
  await put(stores.east, mark("mark-east"));
  await put(stores.west, mark("mark-west"));
  await put(stores.global, { kind: "TrafficRoute", mesh: "default", name: "mark", labels: {}, spec: {} });
  await until(async () => {
    for (const store of [stores.east, stores.west]) {
      expect(await store.count("ZoneIngress")).toBe(2);
      expect(await store.get({ kind: "TrafficRoute", mesh: "default", name: syncedName("mark", "default") })).toBeDefined();
    }
  });
}

function resource(kind: string, labels: Readonly<Record<string, string>> = {}, spec: unknown = { a: 1 }): ResourceInput {
  const mesh = testKinds.get(kind)?.scope === "global" ? "" : "default";
  return { kind, mesh, name: "x", labels: { team: "a", ...labels }, spec, status: { seen: true } };
}

const ofZone = { [labelNames.origin]: "zone", [labelNames.zone]: "east", [labelNames.env]: "universal" };
const role = (name: string) => ({ ...ofZone, [labelNames.policyRole]: name });
const forWest = { targetRef: { kind: "MeshSubset", tags: { "kuma.io/zone": "west" } } };

/** Where it is written, and where it is to be seen (reference: multizone.md section 3). */
const classes: readonly (readonly [what: string, from: Place, ResourceInput, seenIn: readonly Place[]])[] = [
  ["a policy of the first generation", "global", resource("TrafficRoute"), ["global", "east", "west"]],
  ["an ExternalService", "global", resource("ExternalService"), ["global", "east", "west"]],
  ["a policy of the global", "global", resource("MeshHTTPRoute"), ["global", "east", "west"]],
  ["a mesh", "global", resource("Mesh"), ["global", "east", "west"]],
  ["a secret", "global", resource("Secret"), ["global", "east", "west"]],
  ["a global secret", "global", resource("GlobalSecret"), ["global", "east", "west"]],
  ["a HostnameGenerator of the global", "global", resource("HostnameGenerator"), ["global", "east", "west"]],
  ["a MeshMultiZoneService", "global", resource("MeshMultiZoneService"), ["global", "east", "west"]],
  ["a zone", "global", resource("Zone"), ["global"]],
  ["a resource that is to stay", "global", resource("TrafficRoute", { "kuma.io/kds-sync": "disabled" }), ["global"]],
  ["an operator's policy of a zone", "east", resource("MeshHTTPRoute", role("system")), ["east", "global"]],
  ["a consumer's policy", "east", resource("MeshHTTPRoute", role("consumer")), ["east", "global"]],
  ["a workload owner's policy", "east", resource("MeshHTTPRoute", role("workload-owner")), ["east", "global"]],
  ["a producer's policy", "east", resource("MeshHTTPRoute", role("producer")), ["east", "global", "west"]],
  ["a producer's policy for one zone", "east", resource("MeshHTTPRoute", role("producer"), forWest), ["east", "global", "west"]],
  ["a MeshService", "east", resource("MeshService", ofZone), ["east", "global", "west"]],
  ["a zone ingress", "east", resource("MeshZoneAddress", ofZone), ["east", "global", "west"]],
  ["a data plane", "east", resource("Dataplane", ofZone), ["east", "global"]],
  ["a zone egress", "east", resource("ZoneEgress", ofZone), ["east", "global"]],
  ["a workload", "east", resource("Workload", ofZone), ["east", "global"]],
  ["a MeshExternalService of a zone", "east", resource("MeshExternalService", ofZone), ["east", "global"]],
  ["a HostnameGenerator of a zone", "east", resource("HostnameGenerator", ofZone), ["east", "global"]],
  // Beyond the reference: proxies of other zones must believe the ids that a zone gives (docs/identity.md).
  ["a MeshTrust of a zone", "east", resource("MeshTrust", ofZone), ["east", "global", "west"]],
  ["a gateway of a zone", "east", resource("MeshGateway", ofZone), ["east", "global"]],
  ["a secret of a zone", "east", resource("Secret"), ["east"]],
  [
    "a resource of a zone that is to stay",
    "east",
    resource("MeshTrust", { ...ofZone, "kuma.io/kds-sync": "disabled" }),
    ["east"],
  ],
];

describe("with two zones", () => {
  it.each(classes)("%s of %s goes where it should, and its end too", async (_what, from, written, seenIn) => {
    const stores = await world();
    await put(stores[from], written);
    await settled(stores);
    const { kind, mesh, name } = written;
    const mark = (found: Resource) => found.labels["team"] !== undefined;
    const before = await held(stores, kind);
    for (const place of ["global", "east", "west"] as const) {
      const found = before[place].filter(mark);
      expect([place, found.length]).toEqual([place, seenIn.includes(place) ? 1 : 0]);
      if (found[0] && place !== from) expect(found[0]).toMatchObject(expectedCopy(written, from, place));
      // The status is its owner's: it goes up, to be looked at, and never down.
      if (found[0] && place !== from) expect(found[0].status !== undefined).toBe(place === "global");
    }

    await remove(stores[from], { kind, mesh, name, labels: {}, spec: {} });
    await until(async () => {
      const after = await held(stores, kind);
      expect(Object.values(after).flat().filter(mark)).toEqual([]);
    });
  });
});

function expectedCopy(written: ResourceInput, from: Place, place: Place): object {
  const { kind, mesh, name, labels, spec } = written;
  const keepsName = testKinds.get(kind)?.sync.keepsName === true;
  const zone = from === "global" ? undefined : from;
  return {
    name: keepsName ? name : syncedName(name, mesh, zone),
    spec,
    labels: {
      ...labels,
      [labelNames.origin]: place === "global" ? "zone" : "global",
      [labelNames.displayName]: name,
      ...(zone && { [labelNames.zone]: zone }),
    },
  };
}

describe("names", () => {
  it("of both zones and of the global do not meet", async () => {
    const stores = await world();
    await put(stores.global, resource("MeshExternalService", { from: "global" }));
    await put(stores.east, resource("MeshExternalService", { from: "east" }));
    await put(stores.west, resource("MeshExternalService", { from: "west" }));
    await settled(stores);
    const { global, east, west } = await held(stores, "MeshExternalService");
    const seen = (list: readonly Resource[]) => list.map(({ name, labels }) => `${labels["from"]} ${name}`).sort();
    const named = (zone?: string) => syncedName("x", "default", zone);
    expect(seen(global)).toEqual([`east ${named("east")}`, "global x", `west ${named("west")}`]);
    expect(seen(east)).toEqual(["east x", `global ${named()}`]);
    expect(seen(west)).toEqual([`global ${named()}`, "west x"]);
  });

  it("that are kept, such as a secret's, are the global's where a zone has the same", async () => {
    const stores = await world();
    await put(stores.east, resource("Secret", {}, { data: "b3du" }));
    await put(stores.global, resource("Secret", {}, { data: "Z2xvYmFs" }));
    await settled(stores);
    expect((await held(stores, "Secret")).east).toMatchObject([
      { spec: { data: "Z2xvYmFs" }, labels: { [labelNames.origin]: "global" } },
    ]);
  });
});

describe("a mesh that the global deletes", () => {
  it("takes with it what zones have in it, and nothing of that comes back", async () => {
    const stores = await world();
    const mesh = { kind: "Mesh", mesh: "", name: "default", labels: {}, spec: {} };
    await put(stores.global, mesh);
    await put(stores.east, resource("MeshHTTPRoute", role("consumer")), resource("Secret"), resource("MeshService", ofZone));
    await settled(stores);
    const uploaded = await stores.global.list("MeshHTTPRoute");
    const services = await stores.global.list("MeshService");
    expect([uploaded.length, services.length]).toEqual([1, 1]);
    await remove(stores.global, mesh, ...uploaded, ...services);
    await until(async () => {
      for (const kind of ["MeshHTTPRoute", "Secret", "MeshService"]) expect(await stores.east.list(kind)).toEqual([]);
    });
    await put(stores.east, { kind: "ZoneIngress", mesh: "", name: "later", labels: {}, spec: {} });
    await until(async () => expect(await stores.global.count("ZoneIngress")).toBe(3));
    expect(await stores.global.list("MeshHTTPRoute")).toEqual([]);
  });
});

describe("a zone that joins with resources of its own", () => {
  it("gives up those that only the global may write, where the global has their mesh, and keeps the others", async () => {
    const hub = await fabric.hub();
    const mesh = (name: string): ResourceInput => ({ kind: "Mesh", mesh: "", name, labels: {}, spec: { of: "global" } });
    await put(hub.store, mesh("default"), { ...resource("TrafficRoute"), name: "shared" });
    const store = createMemoryStore({ clock: systemClock });
    const elsewhere = { ...resource("TrafficRoute"), mesh: "local" };
    const own = [resource("MeshHTTPRoute", ofZone), resource("Secret"), resource("Dataplane", ofZone)];
    await put(store, { ...mesh("default"), spec: {} }, mesh("local"), resource("TrafficRoute"), elsewhere, ...own);

    const east = await fabric.zone(hub, "east", { store });
    await until(async () => expect(await east.store.count("TrafficRoute", { namePart: "shared" })).toBe(1));
    expect(
      (await store.list("TrafficRoute")).map((route) => `${route.mesh} ${route.labels[labelNames.displayName] ?? route.name}`),
    ).toEqual(["default shared", "local x"]);
    expect((await store.list("Mesh")).map(({ name, spec }) => [name, spec])).toEqual([
      ["default", { of: "global" }],
      ["local", { of: "global" }],
    ]);
    for (const { kind } of own) expect(await store.count(kind)).toBe(1);
    await until(async () => expect(await hub.store.count("MeshHTTPRoute")).toBe(1));
  });
});
