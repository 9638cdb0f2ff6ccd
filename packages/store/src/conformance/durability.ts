import { describe, expect, it } from "vitest";
import { alice, put, remove, route, type StoreUnderTest } from "./samples.ts";

/** For drivers whose data outlives the process. */
export function describeDurability(test: StoreUnderTest): void {
  describe("after it was closed and opened again", () => {
    it("everything is there: resources, log, authors, meta, status, compaction", async () => {
      await test.store.commit([put("a", { labels: { x: "1" } }), put("b")], alice, { meta: { cursor: "5" } });
      await test.store.commit([remove("b")], alice);
      await test.store.commit([put("c")], alice);
      await test.store.putStatus([{ key: route("a"), value: { n: 1 } }]);
      await test.store.compact(1);
      const before = { list: await test.store.list("TrafficRoute"), log: await test.store.changes(1) };
      const store = await test.reopen();
      expect({ list: await store.list("TrafficRoute"), log: await store.changes(1) }).toEqual(before);
      expect(await store.revision()).toBe(3);
      expect(await store.revisionInfo(3)).toMatchObject(alice);
      expect((await store.history(route("b"))).revisions).toMatchObject([{ revision: 2, changes: [{ outcome: "deleted" }] }]);
      expect(await store.getAt(route("b"), 1)).toMatchObject({ version: 1 });
      expect(await store.meta("cursor")).toBe("5");
      expect(await store.getStatus(route("a"))).toMatchObject({ value: { n: 1 } });
      await expect(store.changes(0)).rejects.toMatchObject({ code: "COMPACTED" });
      expect((await store.commit([put("d")], alice)).revision).toBe(4);
    });

    it("a watch starts at the stored revision", async () => {
      await test.store.commit([put("a")], alice);
      const store = await test.reopen();
      const abort = new AbortController();
      for await (const revision of store.watch(abort.signal)) {
        expect(revision).toBe(1);
        abort.abort();
      }
    });
  });

  describe("a closed store", () => {
    it("answers UNAVAILABLE", async () => {
      const { store } = test;
      await store.close();
      await store.close();
      await expect(store.get(route("a"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
      await expect(store.commit([put("a")], alice)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    });
  });
}
