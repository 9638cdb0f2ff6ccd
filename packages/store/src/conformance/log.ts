import { describe, expect, it } from "vitest";
import { alice, put, remove, route, type StoreUnderTest } from "./samples.ts";

/** The change log: order, paging, authors, compaction. */
export function describeLog(test: StoreUnderTest): void {
  async function writeThree(): Promise<void> {
    const { store } = test;
    await store.commit([put("a"), put("b")], alice);
    await store.commit([put("a", { spec: 2 })], { author: "bob" });
    await store.commit([remove("a")], { author: "system" });
  }

  describe("the log", () => {
    it("is empty in an empty store", async () => {
      expect(await test.store.revision()).toBe(0);
      expect(await test.store.changes(0)).toEqual({ entries: [], lastRevision: 0 });
    });

    it("holds for each change what the resource became and what it was", async () => {
      const { store } = test;
      await store.commit([put("a", { labels: { x: "1" }, status: { s: 1 } })], alice);
      const first = await store.get(route("a"));
      await store.commit([put("a", { spec: 2 })], alice);
      const second = await store.get(route("a"));
      await store.commit([remove("a")], alice);
      const key = { kind: "TrafficRoute", mesh: "default", name: "a" };
      expect(await store.changes(0)).toEqual({
        entries: [
          { revision: 1, op: "put", key, resource: first },
          { revision: 2, op: "put", key, resource: second, previous: first },
          { revision: 3, op: "delete", key, previous: second },
        ],
        lastRevision: 3,
      });
    });

    it("is read after a revision, in whole revisions", async () => {
      const { store } = test;
      await writeThree();
      const revisions = async (after: number, maxRevisions?: number): Promise<readonly number[]> => {
        const page = await store.changes(after, maxRevisions === undefined ? {} : { maxRevisions });
        return [...page.entries.map((entry) => entry.revision), page.lastRevision];
      };
      expect(await revisions(0)).toEqual([1, 1, 2, 3, 3]);
      expect(await revisions(0, 1)).toEqual([1, 1, 1]);
      expect(await revisions(1, 1)).toEqual([2, 2]);
      expect(await revisions(1, 5)).toEqual([2, 3, 3]);
      expect(await revisions(3)).toEqual([3]);
    });

    it("says who wrote a revision, when and why", async () => {
      const { store, clock } = test;
      await store.commit([put("a")], alice);
      const first = clock.time;
      clock.advance(1);
      await store.commit([put("b")], { author: "bob" });
      expect(await store.revisionInfo(1)).toMatchObject({ revision: 1, time: first, ...alice });
      expect(await store.revisionInfo(2)).toMatchObject({ revision: 2, time: clock.time, author: "bob" });
      expect(await store.revisionInfo(3)).toBeUndefined();
      expect(await store.revisionInfo(0)).toBeUndefined();
    });

    it("is not read from the future: that is another history", async () => {
      await writeThree();
      await expect(test.store.changes(4)).rejects.toMatchObject({ code: "COMPACTED" });
    });
  });

  describe("compaction", () => {
    it("drops old entries, keeps resources and the revision", async () => {
      const { store } = test;
      await writeThree();
      await store.compact(2);
      await expect(store.changes(0)).rejects.toMatchObject({ code: "COMPACTED" });
      await expect(store.changes(1)).rejects.toMatchObject({ code: "COMPACTED" });
      expect((await store.changes(2)).entries.map((entry) => entry.revision)).toEqual([3]);
      expect(await store.get(route("b"))).toMatchObject({ version: 1 });
      expect(await store.revision()).toBe(3);
      expect(await store.revisionInfo(3)).toMatchObject({ author: "system" });
    });

    it("of everything leaves the counter going on", async () => {
      const { store } = test;
      await writeThree();
      await store.compact(99);
      expect(await store.revision()).toBe(3);
      expect(await store.changes(3)).toEqual({ entries: [], lastRevision: 3 });
      expect((await store.commit([put("c")], alice)).revision).toBe(4);
      expect((await store.changes(3)).entries).toHaveLength(1);
    });

    it("never goes back, and may be repeated", async () => {
      const { store } = test;
      await writeThree();
      await store.compact(2);
      await store.compact(2);
      await store.compact(1);
      await store.compact(0);
      await expect(store.changes(1)).rejects.toMatchObject({ code: "COMPACTED" });
      expect((await store.changes(2)).entries).toHaveLength(1);
    });
  });
}
