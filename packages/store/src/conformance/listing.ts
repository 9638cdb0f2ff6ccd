import type { ResourceInput } from "@meridian/model";
import { describe, expect, it } from "vitest";
import type { ListFilter } from "../store.ts";
import { alice, names, put, type StoreUnderTest } from "./samples.ts";

/** Order, filters, keyset paging, count. */
export function describeListing(test: StoreUnderTest): void {
  async function fill(...inputs: readonly [mesh: string, name: string, labels?: ResourceInput["labels"]][]): Promise<void> {
    await test.store.commit(
      inputs.map(([mesh, name, labels = {}]) => put(name, { mesh, labels })),
      alice,
    );
  }

  async function listed(filter?: ListFilter): Promise<readonly string[]> {
    return (await test.store.list("TrafficRoute", filter)).map(({ mesh, name }) => `${mesh}/${name}`);
  }

  describe("a listing", () => {
    it("is sorted by mesh and name in code units, whatever the locale of the database", async () => {
      await fill(
        ["m", "b"],
        ["m", "a-b"],
        ["m", "aB"],
        ["m", "ab"],
        ["m", "Z"],
        ["m", "a.b"],
        ["m", "é"],
        ["m", "a_b"],
        ["M", "z"],
        ["m-1", "a"],
      );
      const sorted = ["M/z", "m/Z", "m/a-b", "m/a.b", "m/aB", "m/a_b", "m/ab", "m/b", "m/é", "m-1/a"];
      expect(await listed()).toEqual(sorted);
    });

    it("is empty for a kind that has none", async () => {
      expect(await test.store.list("Nothing")).toEqual([]);
      expect(await test.store.count("Nothing")).toBe(0);
    });

    it("holds one kind only, also when another kind's name begins with it", async () => {
      await test.store.commit([put("a"), put("b", { kind: "TrafficRouteInsight" }), put("c", { kind: "Traffic" })], alice);
      expect(names(await test.store.list("TrafficRoute"))).toEqual(["a"]);
    });

    it("filters by mesh, part of the name and all labels", async () => {
      await fill(
        ["m", "web", { team: "blue", env: "prod" }],
        ["m", "web-2", { team: "blue" }],
        ["n", "web", { env: "prod" }],
        ["n", "100%_x"],
      );
      expect(await listed({ mesh: "m" })).toEqual(["m/web", "m/web-2"]);
      expect(await listed({ mesh: "none" })).toEqual([]);
      expect(await listed({ namePart: "eb-" })).toEqual(["m/web-2"]);
      expect(await listed({ namePart: "%_" })).toEqual(["n/100%_x"]);
      expect(await listed({ namePart: "%" })).toEqual(["n/100%_x"]);
      expect(await listed({ labels: { team: "blue" } })).toEqual(["m/web", "m/web-2"]);
      expect(await listed({ labels: { team: "blue", env: "prod" } })).toEqual(["m/web"]);
      expect(await listed({ labels: { team: "" } })).toEqual([]);
      expect(await listed({ mesh: "n", namePart: "w", labels: { env: "prod" } })).toEqual(["n/web"]);
      expect(await listed({ labels: {}, namePart: "" })).toHaveLength(4);
    });

    it("pages by key: each resource once, across meshes, also when the key itself is gone", async () => {
      await fill(["a", "1"], ["a", "2"], ["b", "1"], ["b", "2"], ["c", "0"]);
      expect(await listed({ limit: 2 })).toEqual(["a/1", "a/2"]);
      expect(await listed({ limit: 2, after: { mesh: "a", name: "2" } })).toEqual(["b/1", "b/2"]);
      expect(await listed({ limit: 2, after: { mesh: "b", name: "2" } })).toEqual(["c/0"]);
      expect(await listed({ after: { mesh: "a", name: "10" } })).toEqual(["a/2", "b/1", "b/2", "c/0"]);
      expect(await listed({ after: { mesh: "z", name: "" } })).toEqual([]);
      expect(await listed({ mesh: "b", after: { mesh: "a", name: "1" } })).toEqual(["b/1", "b/2"]);
      expect(await listed({ mesh: "b", after: { mesh: "b", name: "1" } })).toEqual(["b/2"]);
      expect(await listed({ mesh: "a", after: { mesh: "b", name: "1" } })).toEqual([]);
      expect(await listed({ limit: 0 })).toEqual([]);
    });

    it("applies the limit after the filters", async () => {
      await fill(["m", "a"], ["m", "b", { x: "1" }], ["m", "c"], ["m", "d", { x: "1" }], ["m", "e", { x: "1" }]);
      expect(await listed({ labels: { x: "1" }, limit: 2 })).toEqual(["m/b", "m/d"]);
    });

    it("asked for text that cannot be stored finds nothing: it comes from a user's query", async () => {
      await fill(["m", "a", { x: "1" }]);
      const { store } = test;
      for (const text of ["a\u0000", "\ud800", "x".repeat(5000)]) {
        expect(await store.get({ kind: "TrafficRoute", mesh: "m", name: text })).toBeUndefined();
        expect(await store.getStatus({ kind: "TrafficRoute", mesh: text, name: "a" })).toBeUndefined();
        for (const filter of [{ mesh: text }, { namePart: text }, { labels: { x: text } }, { labels: { [text]: "1" } }]) {
          expect(await listed(filter)).toEqual([]);
          expect(await store.count("TrafficRoute", filter)).toBe(0);
          expect(await store.listStatus("TrafficRoute", filter)).toEqual([]);
        }
        expect(await store.list(text)).toEqual([]);
      }
    });

    it("is counted without `after` and `limit`", async () => {
      await fill(["a", "1"], ["a", "2", { x: "1" }], ["b", "1"]);
      const { store } = test;
      expect(await store.count("TrafficRoute")).toBe(3);
      expect(await store.count("TrafficRoute", { mesh: "a", limit: 1, after: { mesh: "a", name: "1" } })).toBe(2);
      expect(await store.count("TrafficRoute", { labels: { x: "1" } })).toBe(1);
      expect(await store.count("TrafficRoute", { namePart: "1" })).toBe(2);
    });
  });
}
