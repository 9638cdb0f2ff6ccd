import { describe, expect, it } from "vitest";
import { alice, put, remove, route, type StoreUnderTest } from "./samples.ts";

/** One resource: create, read, update, delete, and what is expected of its version. */
export function describeSingleWrites(test: StoreUnderTest): void {
  describe("a single write", () => {
    it("creates, and hands out what was written with version and times", async () => {
      const { store, clock } = test;
      const input = route("a", {
        labels: { team: "blue" },
        spec: { list: [1, 2.5, null, true, "é\u0000 \ud83d\ude00"], deep: { x: {} } },
      });
      const result = await store.commit([{ op: "put", resource: input }], alice);
      expect(result).toMatchObject({ revision: 1, outcomes: ["created"] });
      const found = await store.get(input);
      expect(found).toEqual({ ...input, version: 1, creationTime: clock.time, modificationTime: clock.time });
      expect(found).not.toHaveProperty("status");
      expect(await store.revision()).toBe(1);
    });

    it("finds nothing where nothing was written", async () => {
      const { store } = test;
      await store.commit([put("a")], alice);
      expect(await store.get(route("b"))).toBeUndefined();
      expect(await store.get(route("a", { mesh: "other" }))).toBeUndefined();
      expect(await store.get(route("a", { kind: "Dataplane" }))).toBeUndefined();
    });

    it("keeps a resource of global scope, whose mesh is empty", async () => {
      const { store } = test;
      const mesh = route("default", { kind: "Mesh", mesh: "" });
      await store.commit([{ op: "put", resource: mesh }], alice);
      expect(await store.get(mesh)).toMatchObject({ kind: "Mesh", mesh: "", name: "default" });
      expect(await store.list("Mesh")).toHaveLength(1);
    });

    it("updates: a new version and modification time, the creation time stays", async () => {
      const { store, clock } = test;
      await store.commit([put("a")], alice);
      const created = clock.time;
      clock.advance(1500);
      const result = await store.commit([put("a", { spec: { conf: { weight: 2 } }, status: { ok: true } })], alice);
      expect(result).toMatchObject({ revision: 2, outcomes: ["updated"] });
      const times = { creationTime: created, modificationTime: clock.time };
      expect(await store.get(route("a"))).toMatchObject({
        version: 2,
        spec: { conf: { weight: 2 } },
        status: { ok: true },
        ...times,
      });
    });

    it("takes over when the original of a copy was created, and notices that it was created anew", async () => {
      const { store } = test;
      const [first, second] = ["2026-01-02T03:04:05.678Z", "2026-02-02T03:04:05.678Z"];
      await store.commit([{ ...put("a"), creationTime: first }], alice);
      expect(await store.get(route("a"))).toMatchObject({ creationTime: first });
      expect((await store.commit([{ ...put("a"), creationTime: first }], alice)).outcomes).toEqual(["unchanged"]);
      expect((await store.commit([put("a")], alice)).outcomes).toEqual(["unchanged"]);
      expect((await store.commit([{ ...put("a"), creationTime: second }], alice)).outcomes).toEqual(["updated"]);
      expect(await store.get(route("a"))).toMatchObject({ creationTime: second });
    });

    it("notices a change of the labels alone, and of the status alone", async () => {
      const { store } = test;
      await store.commit([put("a")], alice);
      expect((await store.commit([put("a", { labels: { x: "y" } })], alice)).outcomes).toEqual(["updated"]);
      expect((await store.commit([put("a", { labels: { x: "y" }, status: {} })], alice)).outcomes).toEqual(["updated"]);
      expect((await store.commit([put("a", { labels: { x: "y" } })], alice)).outcomes).toEqual(["updated"]);
      expect(await store.get(route("a"))).not.toHaveProperty("status");
    });

    it("writes nothing when the content is equal, whatever the order of its fields", async () => {
      const { store, clock } = test;
      const first = { labels: { a: "1", b: "2" }, spec: { x: 1, y: { p: [1], q: undefined } } };
      const same = { labels: { b: "2", a: "1" }, spec: { y: { p: [1] }, x: 1 } };
      await store.commit([put("a", first)], alice);
      const before = await store.get(route("a"));
      clock.advance(1000);
      expect(await store.commit([put("a", same)], alice)).toMatchObject({ revision: 1, outcomes: ["unchanged"] });
      expect(await store.get(route("a"))).toEqual(before);
      expect((await store.changes(0)).entries).toHaveLength(1);
    });

    it("deletes once; a second time there is nothing to delete and no revision", async () => {
      const { store } = test;
      await store.commit([put("a")], alice);
      expect(await store.commit([remove("a")], alice)).toMatchObject({ revision: 2, outcomes: ["deleted"] });
      expect(await store.get(route("a"))).toBeUndefined();
      expect(await store.commit([remove("a")], alice)).toMatchObject({ revision: 2, outcomes: ["absent"] });
    });

    it("gives a resource that comes back a new creation time", async () => {
      const { store, clock } = test;
      await store.commit([put("a")], alice);
      await store.commit([remove("a")], alice);
      clock.advance(5);
      await store.commit([put("a")], alice);
      expect(await store.get(route("a"))).toMatchObject({ version: 3, creationTime: clock.time });
    });

    it("does not share objects with the writer", async () => {
      const { store } = test;
      const spec = { conf: { weight: 1 } };
      await store.commit([put("a", { spec })], alice);
      spec.conf.weight = 99;
      expect(await store.get(route("a"))).toMatchObject({ spec: { conf: { weight: 1 } } });
      expect((await store.changes(0)).entries[0]?.resource?.spec).toEqual({ conf: { weight: 1 } });
    });

    it("refuses a key that databases cannot hold, as a bug and not as an outage", async () => {
      const { store } = test;
      for (const name of ["a\u0000b", "\ud800", "", "x".repeat(601)]) {
        await expect(store.commit([put(name)], alice)).rejects.toThrow(RangeError);
      }
      expect(await store.revision()).toBe(0);
    });
  });

  describe("an expectation", () => {
    it("holds: absent, and the current version", async () => {
      const { store } = test;
      await store.commit([{ ...put("a"), expect: "absent" }], alice);
      const update = { ...put("a", { spec: 2 }), expect: 1 };
      expect(await store.commit([update], alice)).toMatchObject({ revision: 2, outcomes: ["updated"] });
      expect(await store.commit([{ ...remove("a"), expect: 2 }], alice)).toMatchObject({ revision: 3, outcomes: ["deleted"] });
    });

    it("fails with CONFLICT and names the resource: it exists, is older, is gone", async () => {
      const { store } = test;
      await store.commit([put("a")], alice);
      await store.commit([put("a", { spec: 2 })], alice);
      const conflict = { code: "CONFLICT", key: { kind: "TrafficRoute", mesh: "default", name: "a" } };
      await expect(store.commit([{ ...put("a", { spec: 3 }), expect: "absent" }], alice)).rejects.toMatchObject(conflict);
      await expect(store.commit([{ ...put("a", { spec: 3 }), expect: 1 }], alice)).rejects.toMatchObject(conflict);
      await expect(store.commit([{ ...remove("a"), expect: 1 }], alice)).rejects.toMatchObject(conflict);
      await store.commit([remove("a")], alice);
      await expect(store.commit([{ ...put("a", { spec: 3 }), expect: 2 }], alice)).rejects.toMatchObject(conflict);
      await expect(store.commit([{ ...remove("a"), expect: 2 }], alice)).rejects.toMatchObject(conflict);
      expect(await store.revision()).toBe(3);
    });

    it("counts even where the content is equal", async () => {
      const { store } = test;
      await store.commit([put("a")], alice);
      await expect(store.commit([{ ...put("a"), expect: "absent" }], alice)).rejects.toMatchObject({ code: "CONFLICT" });
    });
  });
}
