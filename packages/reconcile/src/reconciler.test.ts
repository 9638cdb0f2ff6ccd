import type { MeshServiceSpec } from "@meridian/model";
import { vipOf } from "@meridian/services";
import { afterEach, describe, expect, it } from "vitest";
import {
  dataplane,
  externalService,
  hostnameGenerator,
  mesh,
  multiZoneService,
  ownService,
  remoteService,
  until,
  ZoneStore,
} from "./testing/zone-store.ts";

let zone = new ZoneStore();
afterEach(async () => {
  await zone.stop();
  zone = new ZoneStore();
});

const specOf = async (name: string): Promise<MeshServiceSpec | undefined> =>
  (await zone.get("MeshService", name))?.spec as MeshServiceSpec | undefined;

describe("generated MeshServices", () => {
  it("are not made where the mesh does not ask for them, and nothing is written", async () => {
    await zone.put(mesh(), dataplane("web-1", "web"));
    await zone.start();
    const revision = await zone.store.revision();
    await zone.put(mesh("Everywhere"));
    await until(async () => expect(await zone.get("MeshService", "web")).toBeDefined());
    const { revisions } = await zone.store.history({});
    expect(revisions.filter(({ author }) => author === "mesh services").every((one) => one.revision > revision)).toBe(true);
  });

  it("have ports, an address, a name, identities and counts", async () => {
    await zone.start();
    await zone.put(
      hostnameGenerator("local", "meshService", "{{ .DisplayName }}.svc.mesh.local", { "kuma.io/origin": "zone" }),
      mesh("Everywhere"),
      dataplane("web-1", "web", { protocol: "http" }),
      dataplane("web-2", "web", { protocol: "http", state: "NotReady" }),
    );
    await zone.insight("web-1", { subscriptions: [{ connectTime: "2026-01-01T00:00:00Z" }] });
    await until(async () => {
      expect(await zone.get("MeshService", "web")).toMatchObject({
        labels: {
          "kuma.io/managed-by": "meshservice-generator",
          "kuma.io/env": "universal",
          "kuma.io/origin": "zone",
          "kuma.io/zone": "east",
          "kuma.io/mesh": "default",
        },
        spec: {
          selector: { dataplaneTags: { "kuma.io/service": "web" } },
          ports: [{ port: 8080, targetPort: 8080, appProtocol: "http", name: "8080" }],
          identities: [{ type: "ServiceTag", value: "web" }],
          state: "Available",
        },
        status: {
          vips: [{ ip: expect.stringMatching(/^241\./) }],
          addresses: [
            { hostname: "web.svc.mesh.local", origin: "HostnameGenerator", hostnameGeneratorRef: { coreName: "local" } },
          ],
          tls: { status: "NotReady" },
          dataplaneProxies: { connected: 1, healthy: 1, total: 2 },
        },
      });
    });
    await zone.settled();
  });

  it("follow their data planes, and are unavailable when none takes traffic", async () => {
    await zone.put(mesh("Exclusive"), dataplane("web-1", "web"));
    await zone.start();
    await until(async () => expect((await specOf("web"))?.state).toBe("Available"));
    await zone.put(dataplane("web-1", "web", { state: "NotReady", port: 9090 }));
    await until(async () => expect(await specOf("web")).toMatchObject({ state: "Unavailable", ports: [{ port: 9090 }] }));
  });

  it("are not made of names that DNS does not take", async () => {
    await zone.start();
    await zone.put(mesh("Everywhere"), dataplane("a", "web_svc_80"), dataplane("b", "web"));
    await zone.settled();
    expect((await zone.store.list("MeshService")).map(({ name }) => name)).toEqual(["web"]);
  });

  it("outlive their last data plane for a while, and keep their address when one comes back", async () => {
    await zone.put(mesh("Everywhere"), dataplane("web-1", "web"));
    await zone.start();
    await until(async () => expect(vipOf(await zone.status("MeshService", "web"))).toBeDefined());
    const vip = vipOf(await zone.status("MeshService", "web"));
    await zone.remove(dataplane("web-1", "web"));
    await until(async () => {
      expect((await zone.get("MeshService", "web"))?.labels).toHaveProperty("kuma.io/deletion-grace-period-started-at");
    });
    expect(await specOf("web")).toMatchObject({ state: "Unavailable", ports: [{ port: 8080 }], identities: [{ value: "web" }] });
    await zone.put(dataplane("web-2", "web"));
    await until(async () => expect((await specOf("web"))?.state).toBe("Available"));
    expect((await zone.get("MeshService", "web"))?.labels).not.toHaveProperty("kuma.io/deletion-grace-period-started-at");
    expect(vipOf(await zone.status("MeshService", "web"))).toBe(vip);
  });

  it("go when the grace is over, also when the control plane was away at that moment", async () => {
    await zone.put(mesh("Everywhere"), dataplane("web-1", "web"), dataplane("db-1", "db"));
    await zone.start();
    await zone.settled();
    await zone.remove(dataplane("web-1", "web"));
    await zone.settled();
    await zone.stop();
    await zone.start({ graceMs: 1 });
    await until(async () => expect(await zone.get("MeshService", "web")).toBeUndefined());
    expect(await zone.get("MeshService", "db")).toBeDefined();
    await zone.remove(dataplane("db-1", "db"));
    await until(async () => expect(await zone.get("MeshService", "db")).toBeUndefined());
  });

  it("go at once when the mesh does not ask for them any more", async () => {
    await zone.put(mesh("Everywhere"), dataplane("web-1", "web"), ownService("mine", {}));
    await zone.start();
    await zone.settled();
    await zone.put(mesh("Disabled"));
    await until(async () => expect((await zone.store.list("MeshService")).map(({ name }) => name)).toEqual(["mine"]));
    await zone.settled();
  });

  it("do not take a name that a user has", async () => {
    await zone.put(mesh("Everywhere"), ownService("web", { selector: { dataplaneTags: { version: "v1" } } }));
    await zone.start();
    await zone.put(dataplane("a", "web", { tags: { version: "v1" } }), dataplane("b", "web"));
    await until(async () => expect((await zone.status("MeshService", "web")).dataplaneProxies?.total).toBe(1));
    expect((await specOf("web"))?.selector).toEqual({ dataplaneTags: { version: "v1" } });
  });

  it("say once everybody has a certificate, and stay so while mTLS is on", async () => {
    const mtls = { mtls: { enabledBackend: "ca", backends: [{ name: "ca", type: "builtin" }] } };
    await zone.put(mesh("Everywhere", mtls), dataplane("web-1", "web"));
    await zone.start();
    await zone.insight("web-1", { mTLS: { certificateExpirationTime: "2030-01-01T00:00:00Z" } });
    await until(async () => expect((await zone.status("MeshService", "web")).tls?.status).toBe("Ready"));
    await zone.put(dataplane("web-2", "web"));
    await until(async () => expect((await zone.status("MeshService", "web")).dataplaneProxies?.total).toBe(2));
    expect((await zone.status("MeshService", "web")).tls?.status).toBe("Ready");
    await zone.put(mesh("Everywhere"));
    await until(async () => expect((await zone.status("MeshService", "web")).tls?.status).toBe("NotReady"));
  });
});

describe("MeshServices of users", () => {
  const selectors = [
    ["tags", { dataplaneTags: { version: "v1" } }],
    ["a service and a tag", { dataplaneTags: { "kuma.io/service": "web", version: "v1" } }],
    ["a name", { dataplaneRef: { name: "web-1" } }],
    ["labels", { dataplaneLabels: { matchLabels: { team: "a" } } }],
  ] as const;
  it.each(selectors)("get state, identities and counts by %s, whatever comes first", async (_, selector) => {
    const web = dataplane("web-1", "web", { tags: { version: "v1" }, labels: { team: "a" } });
    await zone.put(mesh(), web, dataplane("web-2", "web"), ownService("before", { selector }));
    await zone.start();
    await zone.put(ownService("after", { selector }));
    const expected = { state: "Available", identities: [{ type: "ServiceTag", value: "web" }] };
    for (const name of ["before", "after"]) {
      await until(async () => expect(await specOf(name)).toMatchObject(expected));
      await until(async () => expect((await zone.status("MeshService", name)).dataplaneProxies?.total).toBe(1));
    }
    await zone.remove(web);
    for (const name of ["before", "after"]) {
      await until(async () => expect(await specOf(name)).toMatchObject({ ...expected, state: "Unavailable" }));
    }
  });
});

describe("host names", () => {
  it("of two services with one name belong to the older; the other takes over when it goes", async () => {
    await zone.start();
    await zone.put(mesh(), hostnameGenerator("g", "meshExternalService", "api.mesh"), externalService("first"));
    await zone.settled();
    await zone.put(externalService("second"));
    await zone.settled();
    const { addresses, hostnameGenerators } = await zone.status("MeshExternalService", "second");
    expect(addresses).toEqual([]);
    expect(hostnameGenerators?.[0]?.conditions[0]).toMatchObject({
      status: "False",
      reason: "Collision",
      message: "api.mesh belongs to MeshExternalService/default/first, which is older",
    });
    await zone.remove(externalService("first"));
    await until(async () => {
      expect((await zone.status("MeshExternalService", "second")).addresses?.[0]?.hostname).toBe("api.mesh");
    });
  });

  it("follow their generators", async () => {
    await zone.start();
    await zone.put(mesh(), externalService("api"), hostnameGenerator("g", "meshExternalService", "{{ .DisplayName }}.a"));
    const hostnames = async () => (await zone.status("MeshExternalService", "api")).addresses?.map(({ hostname }) => hostname);
    await until(async () => expect(await hostnames()).toEqual(["api.a"]));
    await zone.put(hostnameGenerator("g", "meshExternalService", "{{ .DisplayName }}.b"));
    await until(async () => expect(await hostnames()).toEqual(["api.b"]));
    await zone.put(hostnameGenerator("g", "meshExternalService", "{{ .DisplayName }}.b", { team: "x" }));
    await until(async () => expect(await hostnames()).toEqual([]));
    await zone.put(hostnameGenerator("g", "meshExternalService", "{{ .DisplayName }}.c"));
    await until(async () => expect(await hostnames()).toEqual(["api.c"]));
    await zone.remove(hostnameGenerator("g", "meshExternalService", ""));
    await until(async () => expect(await hostnames()).toEqual([]));
  });
});

describe("MeshMultiZoneServices", () => {
  it("say what they join, as it comes and goes", async () => {
    await zone.start();
    await zone.put(mesh("Everywhere"), multiZoneService("web", { "kuma.io/display-name": "web" }), remoteService("web", "west"));
    const joined = async () =>
      (await zone.status("MeshMultiZoneService", "web")).meshServices?.map((service) => `${service.zone}/${service.name}`);
    await until(async () => expect(await joined()).toEqual(["west/web"]));
    await zone.put(dataplane("web-1", "web"), remoteService("db", "west"));
    await until(async () => expect(await joined()).toEqual(["east/web", "west/web"]));
    await zone.remove(remoteService("web", "west"));
    await until(async () => expect(await joined()).toEqual(["east/web"]));
    await zone.put(multiZoneService("web", { "kuma.io/display-name": "db" }));
    await until(async () => expect(await joined()).toEqual(["west/db"]));
    expect(vipOf(await zone.status("MeshMultiZoneService", "web"))).toMatch(/^243\./);
  });
});

it("an id that a MeshIdentity gave is still listed for a while when it is given no more", async () => {
  let ageMs = 0;
  const identity = {
    kind: "MeshIdentity",
    mesh: "default",
    name: "all",
    labels: { "kuma.io/zone": "east" },
    spec: { selector: { dataplane: { matchLabels: {} } }, spiffeID: { path: "/web" }, provider: { type: "Spire", spire: {} } },
  };
  const listed = async () => ((await zone.get("MeshService", "web"))?.spec as MeshServiceSpec | undefined)?.identities;
  const own = { type: "ServiceTag", value: "web" };
  const given = { type: "SpiffeID", value: "spiffe://default.east.mesh.local/web" };
  await zone.put(mesh("Exclusive"), dataplane("web-1", "web"), identity);
  await zone.start({ clock: { now: () => Date.now() + ageMs } });
  await until(async () => expect(await listed()).toEqual([own, given]));
  await zone.remove(identity);
  await zone.put(dataplane("web-2", "web", { state: "NotReady" }));
  await until(async () => expect((await zone.status("MeshService", "web")).dataplaneProxies?.total).toBe(2));
  expect(await listed()).toEqual([own, given]);
  ageMs = 61_000;
  await zone.put(dataplane("web-3", "web"));
  await until(async () => expect(await listed()).toEqual([own]));
});

describe("Workloads", () => {
  it("come with the first data plane that names them and go some time after the last", async () => {
    const labels = { "kuma.io/workload": "shop" };
    await zone.put(mesh());
    await zone.start({ graceMs: 1 });
    await zone.put(dataplane("web-1", "web", { labels }), dataplane("db-1", "db", { labels }));
    await until(async () => {
      expect(await zone.get("Workload", "shop")).toMatchObject({
        labels: { "kuma.io/managed-by": "workload-generator", "kuma.io/zone": "east" },
        status: { dataplaneProxies: { connected: 0, healthy: 2, total: 2 } },
      });
    });
    await zone.insight("db-1", { subscriptions: [{ connectTime: "2026-01-01T00:00:00Z" }] });
    await until(async () => expect((await zone.status("Workload", "shop")).dataplaneProxies?.connected).toBe(1));
    await zone.put(dataplane("web-1", "web", { labels: { "kuma.io/workload": "other" } }));
    await until(async () => expect((await zone.status("Workload", "shop")).dataplaneProxies?.total).toBe(1));
    await zone.remove(dataplane("db-1", "db"), dataplane("web-1", "web"));
    await until(async () => expect(await zone.store.list("Workload")).toEqual([]));
  });
});
