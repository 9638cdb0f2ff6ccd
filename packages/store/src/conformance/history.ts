import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Change, HistoryQuery } from "../store.ts";
import { alice, put, remove, replay, route, type StoreUnderTest } from "./samples.ts";

/** Reads of the past: who changed what, a resource as of a revision, what differs between two revisions. */
export function describeHistory(test: StoreUnderTest): void {
  const a = route("a");
  const key = (name: string) => ({ kind: "TrafficRoute", mesh: "default", name });

  /** 1: a, b and mesh; 2: a changes; 3: a goes; 4: b changes, a comes back. */
  async function writeFour(): Promise<void> {
    const { store, clock } = test;
    await store.commit([put("a"), put("b"), put("other", { kind: "Mesh", mesh: "" })], alice);
    clock.advance(1);
    await store.commit([put("a", { spec: 2 })], { author: "bob" });
    await store.commit([remove("a")], { author: "carol", message: "not needed" });
    await store.commit([put("b", { spec: 2, labels: { x: "1" } }), put("a", { spec: 4 })], { author: "dave" });
  }

  async function outline(query?: HistoryQuery): Promise<readonly string[]> {
    const { revisions } = await test.store.history(query);
    return revisions.map(({ revision, changes }) => {
      return `${revision}: ${changes.map((change) => `${change.outcome} ${change.key.name}`).join(", ")}`;
    });
  }

  describe("the history", () => {
    it("is empty in an empty store", async () => {
      expect(await test.store.history()).toMatchObject({ revisions: [], compactedTo: 0 });
    });

    it("lists revisions, newest first, with author and changes in their order", async () => {
      await writeFour();
      expect(await outline()).toEqual([
        "4: updated b, created a",
        "3: deleted a",
        "2: updated a",
        "1: created a, created b, created other",
      ]);
      const [, third] = (await test.store.history()).revisions;
      const change = { outcome: "deleted", key: key("a") };
      const info = { revision: 3, time: test.clock.time, author: "carol", message: "not needed" };
      expect(third).toEqual({ ...info, changes: [change] });
    });

    it("of one resource, of a kind, of a mesh or of a name holds nothing else", async () => {
      await writeFour();
      expect(await outline(key("a"))).toEqual(["4: created a", "3: deleted a", "2: updated a", "1: created a"]);
      expect(await outline(key("b"))).toEqual(["4: updated b", "1: created b"]);
      expect(await outline(key("c"))).toEqual([]);
      expect(await outline({ kind: "Mesh" })).toEqual(["1: created other"]);
      expect(await outline({ mesh: "" })).toEqual(["1: created other"]);
      expect(await outline({ mesh: "default", name: "b" })).toEqual(["4: updated b", "1: created b"]);
      expect(await outline({ kind: "TrafficRoute", mesh: "defaul" })).toEqual([]);
      for (const text of ["a\u0000", "\ud800", "x".repeat(5000)]) expect(await outline({ ...key("a"), name: text })).toEqual([]);
    });

    it("comes in pages", async () => {
      await writeFour();
      expect(await outline({ limit: 1 })).toEqual(["4: updated b, created a"]);
      expect(await outline({ limit: 2, before: 4 })).toEqual(["3: deleted a", "2: updated a"]);
      expect(await outline({ ...key("b"), limit: 1, before: 4 })).toEqual(["1: created b"]);
      expect(await outline({ ...key("a"), limit: 2, before: 99 })).toEqual(["4: created a", "3: deleted a"]);
      for (const query of [{ before: 1 }, { before: 0 }, { limit: 0 }]) {
        expect(await outline(query)).toEqual([]);
        expect(await outline({ ...key("a"), ...query })).toEqual([]);
      }
    });

    it("says on request what each resource was and became", async () => {
      const { store } = test;
      await store.commit([put("a", { labels: { x: "1" }, status: { s: 1 } })], alice);
      const first = await store.get(a);
      await store.commit([put("a", { spec: "é\u0000" })], alice);
      const second = await store.get(a);
      await store.commit([remove("a")], alice);
      const { revisions } = await store.history({ ...key("a"), withContent: true });
      expect(revisions.map(({ changes }) => changes)).toEqual([
        [{ outcome: "deleted", key: key("a"), previous: second }],
        [{ outcome: "updated", key: key("a"), previous: first, resource: second }],
        [{ outcome: "created", key: key("a"), resource: first }],
      ]);
    });

    it("ends where the log was compacted, and says so", async () => {
      await writeFour();
      await test.store.compact(2);
      expect(await outline()).toEqual(["4: updated b, created a", "3: deleted a"]);
      expect(await outline(key("a"))).toEqual(["4: created a", "3: deleted a"]);
      expect(await outline(key("other"))).toEqual([]);
      expect(await outline({ before: 3 })).toEqual([]);
      expect((await test.store.history()).compactedTo).toBe(2);
      await test.store.compact(99);
      expect(await test.store.history(key("a"))).toMatchObject({ revisions: [], compactedTo: 4 });
    });
  });

  describe("a resource as of a revision", () => {
    it("is what it was then, or was not there", async () => {
      const { store } = test;
      await writeFour();
      expect(await store.getAt(a, 0)).toBeUndefined();
      expect(await store.getAt(a, 1)).toMatchObject({ ...key("a"), version: 1, spec: { conf: { weight: 1 } } });
      expect(await store.getAt(a, 2)).toMatchObject({ version: 2, spec: 2 });
      expect(await store.getAt(a, 3)).toBeUndefined();
      expect(await store.getAt(a, 4)).toEqual(await store.get(a));
      expect(await store.getAt(key("b"), 3)).toMatchObject({ version: 1, labels: {} });
      expect(await store.getAt(key("c"), 2)).toBeUndefined();
      expect(await store.getAt(key("\u0000"), 2)).toBeUndefined();
    });

    it("is known back to where the log was compacted, and not in the future", async () => {
      const { store } = test;
      await writeFour();
      await store.compact(2);
      const gone = store.getAt(key("b"), 1);
      await expect(gone).rejects.toMatchObject({ code: "COMPACTED", message: expect.stringContaining("revisions 2..4") });
      expect(await store.getAt(a, 2)).toMatchObject({ version: 2 });
      expect(await store.getAt(key("other"), 4)).toBeUndefined();
      expect(await store.getAt({ kind: "Mesh", mesh: "", name: "other" }, 3)).toMatchObject({ version: 1 });
      await expect(store.getAt(a, 5)).rejects.toMatchObject({ code: "COMPACTED" });
    });
  });

  describe("a comparison of two revisions", () => {
    it("names each resource once, with what it was and what it became", async () => {
      const { store } = test;
      await writeFour();
      const [b1, b4] = [await store.getAt(key("b"), 1), await store.getAt(key("b"), 4)];
      const [a2, a4] = [await store.getAt(a, 2), await store.getAt(a, 4)];
      expect(await store.compare(2, 4)).toEqual([
        { key: key("a"), before: a2, after: a4 },
        { key: key("b"), before: b1, after: b4 },
      ]);
      expect(await store.compare(4, 2)).toEqual([
        { key: key("a"), before: a4, after: a2 },
        { key: key("b"), before: b4, after: b1 },
      ]);
      expect(await store.compare(2, 3)).toEqual([{ key: key("a"), before: a2 }]);
      expect(await store.compare(3, 4, { name: "a" })).toEqual([{ key: key("a"), after: a4 }]);
      expect(await store.compare(0, 4, { kind: "Mesh" })).toMatchObject([{ key: { kind: "Mesh", mesh: "", name: "other" } }]);
      expect(await store.compare(0, 4, { mesh: "\ud800" })).toEqual([]);
      expect(await store.compare(3, 3)).toEqual([]);
    });

    it("leaves out what ends as it began", async () => {
      const { store } = test;
      await store.commit([put("a", { spec: { x: 1, y: 2 } })], alice);
      await store.commit([put("a", { spec: 2 }), put("brief")], alice);
      await store.commit([put("a", { spec: { y: 2, x: 1 } }), remove("brief")], alice);
      expect(await store.compare(1, 3)).toEqual([]);
      expect(await store.compare(1, 2)).toHaveLength(2);
    });

    it("needs both revisions to be known", async () => {
      const { store } = test;
      await writeFour();
      await store.compact(2);
      expect(await store.compare(2, 4)).toHaveLength(2);
      for (const [from, to] of [
        [1, 4],
        [4, 1],
        [2, 5],
        [5, 2],
      ] as const) {
        await expect(store.compare(from, to)).rejects.toMatchObject({ code: "COMPACTED" });
      }
    });
  });

  describe("any history", () => {
    const change: fc.Arbitrary<Change> = fc
      .record({ name: fc.constantFrom("a", "b", "ä"), spec: fc.option(fc.nat({ max: 2 }), { nil: undefined, freq: 3 }) })
      .map(({ name, spec }) => (spec === undefined ? remove(name) : put(name, { spec })));
    const batches = fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { maxLength: 8 });

    it("agrees with the replay of the log: states, comparisons, and who is named in it", async () => {
      await fc.assert(
        fc.asyncProperty(batches, async (written) => {
          const store = await test.openAnother();
          for (const batch of written) await store.commit(batch, alice);
          const { entries, lastRevision } = await store.changes(0);
          const states = Array.from({ length: lastRevision + 1 }, (_, revision) =>
            replay(entries.filter((entry) => entry.revision <= revision)),
          );
          const replayed = (name: string, revision: number) => {
            return states[revision]?.get(JSON.stringify(["TrafficRoute", "default", name]));
          };
          for (const name of ["a", "b", "ä"]) {
            for (const revision of states.keys()) {
              expect(await store.getAt(key(name), revision)).toEqual(replayed(name, revision));
            }
            const { revisions } = await store.history(key(name));
            const ofName = entries.filter((entry) => entry.key.name === name).map((entry) => entry.revision);
            expect(revisions.map(({ revision }) => revision)).toEqual([...new Set(ofName)].reverse());
          }
          const middle = Math.floor(lastRevision / 2);
          for (const { key: changed, before, after } of await store.compare(middle, lastRevision)) {
            expect([before, after]).toEqual([replayed(changed.name, middle), replayed(changed.name, lastRevision)]);
          }
        }),
        { numRuns: Math.ceil(test.propertyRuns / 2) },
      );
    });
  });
}
