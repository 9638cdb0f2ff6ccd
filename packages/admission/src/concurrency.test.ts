import { createMemoryStore } from "@meridian/store";
import { describe, expect, it } from "vitest";
import { createAdmission } from "./admission.ts";
import { clock, dataplaneSpec, put, remove, setUp, tester } from "./samples.ts";

describe("ensureDefaults", () => {
  it("makes what a global needs, once", async () => {
    const { store, admission } = setUp();
    await admission.ensureDefaults();
    expect((await store.list("GlobalSecret")).map(({ name }) => name)).toEqual([
      "admin-user-token",
      "user-token-signing-key-1",
      "zone-token-signing-key-1",
    ]);
    expect((await store.list("Secret")).map(({ name }) => name)).toEqual(["dataplane-token-signing-key-default-1"]);
    const revision = await store.revision();
    await admission.ensureDefaults();
    expect(await store.revision()).toBe(revision);
  });

  it("leaves meshes and zone tokens to the global, at a zone", async () => {
    const { store, admission } = setUp({ role: "zone", zone: "east" });
    await admission.ensureDefaults();
    expect((await store.list("GlobalSecret")).map(({ name }) => name)).toEqual(["admin-user-token", "user-token-signing-key-1"]);
    expect(await store.count("Mesh")).toBe(0);
  });

  it("makes the HostnameGenerators of its role, and those that are missing at the next start", async () => {
    const { store, admission } = setUp({ role: "zone", zone: "east" });
    await admission.ensureDefaults({ noHostnameGenerators: true });
    expect(await store.count("HostnameGenerator")).toBe(0);
    await admission.ensureDefaults();
    await admission.admit([remove("HostnameGenerator", "local-universal-mesh-service")], tester);
    await admission.ensureDefaults();
    const labels = { "kuma.io/origin": "zone", "kuma.io/env": "universal", "kuma.io/zone": "east" };
    expect(await store.list("HostnameGenerator")).toMatchObject([
      { name: "local-mesh-external-service", labels },
      { name: "local-universal-mesh-service", labels },
    ]);
  });

  it("lets a zone list itself", async () => {
    const { store, admission } = setUp({ role: "zone", zone: "east" });
    await store.commit([put("Zone", "east", { enabled: false })], tester);
    await admission.ensureDefaults();
    expect(await store.list("Zone")).toMatchObject([{ name: "east", spec: { enabled: false } }]);
    const other = setUp({ role: "standalone", zone: "west" });
    await other.admission.ensureDefaults();
    expect(await other.store.list("Zone")).toMatchObject([{ name: "west", spec: { enabled: true } }]);
  });

  it("gives a new mesh routing policies where that is wanted", async () => {
    const { store, admission } = setUp({ createsRoutingPolicies: true });
    await admission.ensureDefaults();
    expect(await store.list("TrafficRoute")).toMatchObject([
      { name: "route-all-default", spec: { conf: { destination: { "kuma.io/service": "*" } } } },
    ]);
  });

  it("respects noDefaultMesh, and a key of a later number", async () => {
    const { store, admission } = setUp();
    await store.commit([put("GlobalSecret", "zone-token-signing-key-3", { data: "eA==" })], tester);
    await admission.ensureDefaults({ noDefaultMesh: true });
    expect(await store.count("Mesh")).toBe(0);
    expect(await store.count("GlobalSecret", { namePart: "zone-token-signing-key" })).toBe(1);
  });

  it("gives ten replicas that start at once the same keys", async () => {
    const store = createMemoryStore({ clock });
    const replicas = Array.from({ length: 10 }, () => createAdmission(setUp({ store }).deps));
    await Promise.all(replicas.map((replica) => replica.ensureDefaults()));
    const { entries } = await store.changes(0);
    const writes = entries.map(({ key }) => key.name);
    expect(new Set(writes).size).toBe(writes.length);
  });
});

describe("concurrent writers", () => {
  it("all get through on one resource when none named a version", async () => {
    const { store, admission } = setUp();
    const writes = Array.from({ length: 30 }, (_, n) => admission.admit([put("Zone", "z", { enabled: n % 2 === 0 })], tester));
    const results = await Promise.all(writes);
    expect(results).toHaveLength(30);
    expect(await store.count("Zone")).toBe(1);
  });

  it("of one named version: one gets through", async () => {
    const { store, admission } = setUp();
    const { revision } = await admission.admit([put("Zone", "z", { enabled: true })], tester);
    const writes = [1, 2, 3].map((n) =>
      admission.admit([{ ...put("Zone", "z", { enabled: false }, { labels: { n: String(n) } }), expect: revision }], tester),
    );
    const settled = await Promise.allSettled(writes);
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await store.revision()).toBe(2);
  });

  it("do not write into a mesh that went, or changed its mind, after the judgement", async () => {
    const { store, admission } = setUp({ role: "standalone", zone: "east" });
    await admission.admit([put("Mesh", "default")], tester);
    const prepared = await admission.prepare([put("Dataplane", "d", dataplaneSpec)]);
    const requirements = [{ tags: { team: "*" } }];
    await admission.admit([put("Mesh", "default", { constraints: { dataplaneProxy: { requirements } } })], tester);
    await expect(admission.commit(prepared, tester)).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
    await admission.admit([remove("Mesh", "default")], tester);
    await expect(admission.commit(prepared, tester)).rejects.toMatchObject({ code: "MESH_NOT_FOUND" });
    expect(await store.count("Dataplane")).toBe(0);
  });

  it("never leave a resource in a mesh that is gone", async () => {
    for (let round = 0; round < 20; round++) {
      const { store, admission } = setUp({ role: "standalone", zone: "east" });
      await admission.admit([put("Mesh", "default")], tester);
      const writes = [
        ...Array.from({ length: 5 }, (_, n) => admission.admit([put("Dataplane", `d-${n}`, dataplaneSpec)], tester)),
        admission.admit([remove("Mesh", "default")], tester),
        ...Array.from({ length: 5 }, (_, n) => admission.admit([put("Secret", `s-${n}`, {})], tester)),
      ];
      await Promise.allSettled(writes);
      if ((await store.count("Mesh")) > 0) continue;
      expect(await store.count("Dataplane")).toBe(0);
      expect(await store.count("Secret")).toBe(0);
    }
  });
});
