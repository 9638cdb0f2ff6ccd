import { silentLogger } from "@meridian/base";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { describeStore } from "../conformance/index.ts";
import { alice, put, remove, route, TestClock } from "../conformance/samples.ts";
import { UnavailableError } from "../errors.ts";
import { createMemoryStore } from "../memory.ts";
import type { Store } from "../store.ts";
import { withReadCache } from "./with-read-cache.ts";

const kinds = ["TrafficRoute", "Mesh", "DataplaneInsight"];

describeStore("memory behind a read cache", {
  open: async (clock) => withReadCache(createMemoryStore({ clock }), { kinds, logger: silentLogger, clock }),
});

/** A store whose database can be taken away: every call then fails as the Postgres driver's do. */
function breakable(store: Store): { readonly store: Store; away: boolean } {
  const calls = new Set<keyof Store>([
    "get",
    "list",
    "count",
    "revision",
    "changes",
    "commit",
    "meta",
    "getStatus",
    "listStatus",
    "putStatus",
  ]);
  const control = {
    away: false,
    store: new Proxy(store, {
      get(target, name: keyof Store) {
        if (control.away && calls.has(name)) return () => Promise.reject(new UnavailableError("Postgres is away"));
        return target[name];
      },
    }),
  };
  return control;
}

describe("while the database is away", () => {
  const clock = new TestClock();
  let inner: ReturnType<typeof breakable>;
  let store: Store;

  beforeEach(async () => {
    inner = breakable(createMemoryStore({ clock }));
    await inner.store.commit([put("old", { labels: { x: "1" } })], alice, { meta: { cursor: "1" } });
    store = await withReadCache(inner.store, { kinds, logger: silentLogger, clock });
    await store.commit([put("a"), put("b")], alice);
    await store.commit([remove("b")], alice);
    await store.putStatus([{ key: { ...route("a"), kind: "DataplaneInsight" }, value: 1 }]);
    // The copy follows the log by itself; only then may the database go.
    await vi.waitFor(async () => {
      inner.away = true;
      expect(await store.revision().finally(() => (inner.away = false))).toBe(3);
    }, 20_000);
  });

  afterEach(() => store.close());

  it("answers reads as before", async () => {
    const before = { list: await store.list("TrafficRoute"), filtered: await store.list("TrafficRoute", { labels: { x: "1" } }) };
    inner.away = true;
    expect({
      list: await store.list("TrafficRoute"),
      filtered: await store.list("TrafficRoute", { labels: { x: "1" } }),
    }).toEqual(before);
    expect(await store.get(route("a"))).toMatchObject({ version: 2 });
    expect(await store.get(route("b"))).toBeUndefined();
    expect(await store.count("TrafficRoute")).toBe(2);
    expect(await store.revision()).toBe(3);
    expect(await store.listStatus("DataplaneInsight")).toMatchObject([{ value: 1 }]);
  });

  it("lets a reader resume from the end of the log, and sends one that is too old to the state", async () => {
    inner.away = true;
    expect((await store.changes(1)).entries.map((entry) => entry.revision)).toEqual([2, 2, 3]);
    expect(await store.changes(1, { maxRevisions: 1 })).toMatchObject({ lastRevision: 2 });
    expect(await store.changes(3)).toEqual({ entries: [], lastRevision: 3 });
    await expect(store.changes(0)).rejects.toMatchObject({ code: "COMPACTED" });
    await expect(store.changes(4)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("refuses writes, yet shows the status that it observes itself", async () => {
    inner.away = true;
    await expect(store.commit([put("c")], alice)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    const key = { ...route("z"), kind: "DataplaneInsight" };
    await expect(store.putStatus([{ key, value: 2 }])).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(await store.getStatus(key)).toMatchObject({ value: 2 });
  });

  it("catches up when it is back, also with what others wrote and after a compaction", async () => {
    inner.away = true;
    expect(await store.revision()).toBe(3);
    inner.away = false;
    await inner.store.commit([put("c")], alice);
    await inner.store.commit([put("d")], alice);
    await inner.store.compact(5);
    await vi.waitFor(async () => {
      inner.away = true;
      expect(await store.revision().finally(() => (inner.away = false))).toBe(5);
    }, 20_000);
    inner.away = true;
    expect((await store.list("TrafficRoute")).map(({ name }) => name)).toEqual(["a", "c", "d", "old"]);
  });

  it("shows a writer who met a conflict what decided, though the copy has not heard of it yet", async () => {
    const theirs = await inner.store.commit([put("a", { labels: { theirs: "1" } })], alice);
    const stale = store.commit([{ ...put("a", { labels: { ours: "1" } }), expect: 2 }], alice);
    await expect(stale).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await store.get(route("a"))).toMatchObject({ version: theirs.revision });
  });

  it("has every write that it acknowledged, also when the database was gone the moment after", async () => {
    const commit = store.commit([put("late")], alice);
    inner.away = true;
    await commit;
    expect(await store.get(route("late"))).toMatchObject({ name: "late" });
    expect(await store.revision()).toBe(4);
  });
});
