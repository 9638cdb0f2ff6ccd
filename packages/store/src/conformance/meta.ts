import { describe, expect, it } from "vitest";
import { alice, put, type StoreUnderTest } from "./samples.ts";

/** Small facts beside the resources, in the same transaction. */
export function describeMeta(test: StoreUnderTest): void {
  describe("meta", () => {
    it("is written with the commit, and removed by null", async () => {
      const { store } = test;
      expect(await store.meta("cursor")).toBeUndefined();
      await store.commit([put("a")], alice, { meta: { cursor: "17", digest: "" } });
      expect(await store.meta("cursor")).toBe("17");
      expect(await store.meta("digest")).toBe("");
      await store.commit([put("b")], alice, { meta: { cursor: "18", digest: null, never: null } });
      expect(await store.meta("cursor")).toBe("18");
      expect(await store.meta("digest")).toBeUndefined();
    });

    it("is written also when no resource changes, without a revision", async () => {
      const { store } = test;
      await store.commit([put("a")], alice);
      const result = await store.commit([put("a")], alice, { meta: { cursor: "18" } });
      expect(result).toMatchObject({ revision: 1, outcomes: ["unchanged"] });
      await store.commit([], alice, { meta: { other: "x" } });
      expect(await store.meta("cursor")).toBe("18");
      expect(await store.meta("other")).toBe("x");
      expect(await store.revision()).toBe(1);
    });

    it("keeps the last of many parallel writes", async () => {
      const { store } = test;
      const writes = Array.from({ length: 20 }, (_, n) => store.commit([put(`r-${n}`)], alice, { meta: { cursor: String(n) } }));
      const results = await Promise.all(writes);
      const last = results.findIndex((result) => result.revision === 20);
      expect(await store.meta("cursor")).toBe(String(last));
    });
  });
}
