import { describe, expect, it } from "vitest";
import { alice, followLog, put, type StoreUnderTest } from "./samples.ts";

export function describeWatch(test: StoreUnderTest): void {
  describe("watch", () => {
    it("yields the newest revision first, then after each commit", async () => {
      const { store } = test;
      await store.commit([put("a")], alice);
      const abort = new AbortController();
      const seen: number[] = [];
      for await (const revision of store.watch(abort.signal)) {
        seen.push(revision);
        if (revision === 3) abort.abort();
        else await store.commit([put("a", { spec: revision })], alice);
      }
      expect(seen).toEqual([1, 2, 3]);
    });

    it("starts at 0 in an empty store", async () => {
      const abort = new AbortController();
      for await (const revision of test.store.watch(abort.signal)) {
        expect(revision).toBe(0);
        abort.abort();
      }
    });

    it("has the changes readable when it nudges", async () => {
      const { store } = test;
      const following = followLog(store, 0, () => 5);
      for (let n = 1; n <= 5; n++) await store.commit([put("a", { spec: n })], alice);
      expect((await following).map((entry) => entry.revision)).toEqual([1, 2, 3, 4, 5]);
    });

    it("ends when its signal aborts, also while it waits and when it was aborted before", async () => {
      const { store } = test;
      const abort = new AbortController();
      const iterator = store.watch(abort.signal)[Symbol.asyncIterator]();
      await iterator.next();
      const waiting = iterator.next();
      abort.abort();
      expect(await waiting).toMatchObject({ done: true });
      for await (const _ of store.watch(AbortSignal.abort())) expect.unreachable();
    });
  });
}
