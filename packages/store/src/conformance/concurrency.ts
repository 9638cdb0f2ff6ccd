import { describe, expect, it } from "vitest";
import type { CommitResult } from "../store.ts";
import { alice, followLog, put, replay, route, type StoreUnderTest } from "./samples.ts";

const writers = 50;
const writesEach = 4;

export function describeConcurrency(test: StoreUnderTest): void {
  describe("under 50 parallel writers", () => {
    it("a watcher sees each revision exactly once and in order", async () => {
      const { store } = test;
      const total = writers * writesEach;
      const following = followLog(store, 0, () => total);
      const results = await Promise.all(Array.from({ length: writers }, (_, writer) => writeSeveral(writer)));
      const revisions = results.flat().map((result) => result.revision);
      expect([...revisions].sort((a, b) => a - b)).toEqual(oneTo(total));
      const entries = await following;
      expect(entries.map((entry) => entry.revision)).toEqual(oneTo(total));
      const state = [...replay(entries).values()];
      expect(state.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(await store.list("TrafficRoute"));
    });

    async function writeSeveral(writer: number): Promise<readonly CommitResult[]> {
      const results: CommitResult[] = [];
      for (let n = 0; n < writesEach; n++) {
        const author = { author: `writer-${writer}` };
        const result = await test.store.commit([put(`r-${writer}`, { spec: n })], author);
        // A writer reads its own write at once, and the log has its name on it.
        expect(await test.store.get(route(`r-${writer}`))).toMatchObject({ version: result.revision, spec: n });
        expect(await test.store.revisionInfo(result.revision)).toMatchObject(author);
        results.push(result);
      }
      return results;
    }

    it("exactly one creates, all others get their own conflict", async () => {
      const { store } = test;
      const attempts = Array.from({ length: writers }, (_, n) =>
        store.commit([{ ...put("a", { spec: n }), expect: "absent" }], alice),
      );
      const settled = await Promise.allSettled(attempts);
      const winners = settled.flatMap((outcome, n) => (outcome.status === "fulfilled" ? [n] : []));
      expect(winners).toHaveLength(1);
      for (const outcome of settled) {
        if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "CONFLICT" });
      }
      expect(await store.get(route("a"))).toMatchObject({ spec: winners[0], version: 1 });
      expect(await store.revision()).toBe(1);
    });

    it("a counter with optimistic concurrency loses no increment", async () => {
      const { store } = test;
      await store.commit([put("counter", { spec: 0 })], alice);
      await Promise.all(Array.from({ length: 10 }, increment));
      expect(await store.get(route("counter"))).toMatchObject({ spec: 10, version: 11 });
    });

    async function increment(): Promise<void> {
      for (;;) {
        const found = await test.store.get<number>(route("counter"));
        if (found === undefined) throw new Error("the counter is gone");
        try {
          await test.store.commit([{ ...put("counter", { spec: found.spec + 1 }), expect: found.version }], alice);
          return;
        } catch (error) {
          expect(error).toMatchObject({ code: "CONFLICT" });
        }
      }
    }

    it("good and bad commits do not disturb each other", async () => {
      const { store } = test;
      const commits = Array.from({ length: 30 }, (_, n) => {
        const change = put(`r-${n}`, { spec: n });
        if (n % 3 === 0) return store.commit([change], alice);
        if (n % 3 === 1) return store.commit([change, { ...put("x"), expect: 99 }], alice, { meta: { bad: "1" } });
        return store.commit([put("nul\u0000")], alice);
      });
      const settled = await Promise.allSettled(commits);
      expect(settled.map((outcome) => outcome.status)).toEqual(settled.map((_, n) => (n % 3 === 0 ? "fulfilled" : "rejected")));
      expect(await store.count("TrafficRoute")).toBe(10);
      expect(await store.revision()).toBe(10);
      expect(await store.meta("bad")).toBeUndefined();
    });
  });
}

function oneTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, n) => n + 1);
}
