import { describe, expect, it } from "vitest";
import { alice, names, put, remove, route, type StoreUnderTest } from "./samples.ts";

/** Several changes in one commit: one revision, all or nothing. */
export function describeBatches(test: StoreUnderTest): void {
  describe("a batch", () => {
    it("is one revision with outcomes in order", async () => {
      const { store } = test;
      await store.commit([put("a"), put("b")], alice);
      const result = await store.commit([put("c"), put("a", { spec: 2 }), put("b"), remove("b"), remove("x")], alice);
      expect(result).toMatchObject({ revision: 2, outcomes: ["created", "updated", "unchanged", "deleted", "absent"] });
      expect(names(await store.list("TrafficRoute"))).toEqual(["a", "c"]);
      const { entries } = await store.changes(1);
      expect(entries.map((entry) => [entry.revision, entry.op, entry.key.name])).toEqual([
        [2, "put", "c"],
        [2, "put", "a"],
        [2, "delete", "b"],
      ]);
    });

    it("writes nothing when one expectation fails", async () => {
      const { store } = test;
      await store.commit([put("a")], alice);
      const batch = [put("b"), put("a", { spec: 2 }), { ...put("c"), expect: 7 }];
      await expect(store.commit(batch, alice, { meta: { cursor: "9" } })).rejects.toMatchObject({ code: "CONFLICT" });
      expect(names(await store.list("TrafficRoute"))).toEqual(["a"]);
      expect(await store.get(route("a"))).toMatchObject({ version: 1 });
      expect(await store.meta("cursor")).toBeUndefined();
      expect(await store.revision()).toBe(1);
      expect(await store.changes(1)).toEqual({ entries: [], lastRevision: 1 });
    });

    it("lets a later change see an earlier one", async () => {
      const { store } = test;
      const batch = [
        put("a"),
        put("a"),
        put("a", { spec: 2 }),
        { ...put("a", { spec: 3 }), expect: 1 },
        remove("a"),
        put("a", { spec: 4 }),
      ];
      const outcomes = ["created", "unchanged", "updated", "updated", "deleted", "created"];
      expect(await store.commit(batch, alice)).toMatchObject({ revision: 1, outcomes });
      expect(await store.get(route("a"))).toMatchObject({ version: 1, spec: 4 });
      expect(await store.revision()).toBe(1);
    });

    it("may be empty: no revision", async () => {
      const { store } = test;
      expect(await store.commit([], alice)).toMatchObject({ revision: 0, outcomes: [] });
      expect(await store.revisionInfo(1)).toBeUndefined();
    });

    it("may hold thousands of resources of several kinds", async () => {
      const { store } = test;
      const batch = Array.from({ length: 3000 }, (_, n) => put(`r-${String(n).padStart(5, "0")}`, { kind: `Kind${n % 3}` }));
      const result = await store.commit(batch, alice);
      expect(result.revision).toBe(1);
      expect(await store.count("Kind0")).toBe(1000);
      expect((await store.changes(0)).entries).toHaveLength(3000);
    });
  });
}
