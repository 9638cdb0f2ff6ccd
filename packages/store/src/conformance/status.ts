import { describe, expect, it } from "vitest";
import type { StatusEntry } from "../store.ts";
import type { StoreUnderTest } from "./samples.ts";

export function describeStatus(test: StoreUnderTest): void {
  function insight(name: string, value: unknown = { online: true }, mesh = "default"): StatusEntry {
    return { key: { kind: "DataplaneInsight", mesh, name }, value };
  }

  async function listed(filter?: Parameters<typeof test.store.listStatus>[1]): Promise<readonly string[]> {
    return (await test.store.listStatus("DataplaneInsight", filter)).map(({ key }) => `${key.mesh}/${key.name}`);
  }

  describe("status", () => {
    it("is written, read and overwritten, with the time of the write", async () => {
      const { store, clock } = test;
      await store.putStatus([insight("a"), insight("b", null)]);
      const first = clock.time;
      clock.advance(1000);
      await store.putStatus([insight("a", { online: false, list: ["\u0000"] })]);
      const a = await store.getStatus(insight("a").key);
      expect(a).toEqual({ ...insight("a", { online: false, list: ["\u0000"] }), modificationTime: clock.time });
      expect(await store.getStatus(insight("b").key)).toEqual({ ...insight("b", null), modificationTime: first });
      expect(await store.getStatus(insight("c").key)).toBeUndefined();
    });

    it("is outside the log", async () => {
      const { store } = test;
      await store.putStatus([insight("a")]);
      expect(await store.revision()).toBe(0);
      expect(await store.get(insight("a").key)).toBeUndefined();
      expect(await store.list("DataplaneInsight")).toEqual([]);
    });

    it("is listed in order, by mesh, part of the name, and in pages; it has no labels", async () => {
      const { store } = test;
      await store.putStatus([insight("b"), insight("a"), insight("a", 1, "other"), insight("B"), insight("ab", 1, "A")]);
      await store.putStatus([{ key: { kind: "ZoneInsight", mesh: "", name: "east" }, value: 1 }]);
      expect(await listed()).toEqual(["A/ab", "default/B", "default/a", "default/b", "other/a"]);
      expect(await listed({ mesh: "default", namePart: "b" })).toEqual(["default/b"]);
      expect(await listed({ limit: 2, after: { mesh: "default", name: "B" } })).toEqual(["default/a", "default/b"]);
      expect(await listed({ labels: { x: "1" } })).toEqual([]);
      expect(await store.listStatus("ZoneInsight")).toHaveLength(1);
    });

    it("keeps the last value where one write names a key twice", async () => {
      const { store } = test;
      await store.putStatus([insight("a", 1), insight("b", 1), insight("a", 2)]);
      expect(await store.getStatus(insight("a").key)).toMatchObject({ value: 2 });
    });

    it("is deleted; unknown keys and empty lists do nothing", async () => {
      const { store } = test;
      await store.putStatus([insight("a"), insight("b"), insight("c")]);
      await store.deleteStatus([insight("a").key, insight("c").key, insight("nobody").key]);
      await store.deleteStatus([]);
      await store.putStatus([]);
      expect(await listed()).toEqual(["default/b"]);
    });
  });
}
