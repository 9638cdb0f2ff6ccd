import { silentLogger, systemClock } from "@meridian/base";
import type { ConfigEngine, ViewChange } from "@meridian/generator";
import { type Change, createMemoryStore, type Store } from "@meridian/store";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { failingStore } from "../testing/failing-store.ts";
import { settle, until } from "../testing/until.ts";
import { ViewFeed, type ViewFeedOptions, type ViewStep } from "./view-feed.ts";

const author = { author: "test" };

let store: Store;
let feed: ViewFeed;
let seen: ViewChange[];
let steps: ViewStep[];

beforeEach(() => {
  store = createMemoryStore({ clock: systemClock });
  seen = [];
  steps = [];
});
afterEach(async () => {
  vi.useRealTimers();
  await feed.stop();
});

async function start(options: Partial<ViewFeedOptions> = {}): Promise<void> {
  feed = new ViewFeed({
    ...{ store, logger: silentLogger, kinds: ["Mesh", "Dataplane"], engine: recordingEngine() },
    handovers: { translate: (changes) => changes, ready: () => [] },
    onStep: (step) => steps.push(step),
    monotonicMs: () => Date.now(),
    busyShare: () => 0,
    lookup: () => Promise.reject(new Error("no DNS here")),
    lookupIntervalMs: 60_000,
    ...options,
  });
  await feed.start();
}

/** Keeps what it is given, as the real engine's view does. */
function recordingEngine(): Pick<ConfigEngine, "apply"> {
  return {
    apply: (changes) => {
      seen.push(...changes);
      return new Map();
    },
  };
}

function put(kind: string, name: string, note = ""): Change {
  return { op: "put", resource: { kind, mesh: "", name, labels: {}, spec: { note } } };
}

function deletion(kind: string, name: string): Change {
  return { op: "delete", key: { kind, mesh: "", name } };
}

async function commit(...changes: readonly Change[]): Promise<number> {
  return (await store.commit(changes, author)).revision;
}

function texts(): readonly string[] {
  return seen.map((change) => (change.op === "put" ? change.resource.name : `-${change.key.name}`));
}

describe("view feed", () => {
  it("loads what is there and follows what comes", async () => {
    await commit(put("Mesh", "a"));
    await start();
    await feed.reached(await commit(put("Mesh", "b")));
    await feed.reached(await commit(deletion("Mesh", "a")));
    expect(texts()).toEqual(["a", "b", "-a"]);
    expect(feed.resourceOf("Mesh//b")).toMatchObject({ name: "b" });
    expect(feed.resourceOf("Mesh//a")).toBeUndefined();
  });

  it("moves its revision on when a change is of no concern to configs", async () => {
    await start();
    const revision = await commit(put("Other", "x"));
    await feed.reached(revision);
    expect(seen).toEqual([]);
    expect(steps.at(-1)).toMatchObject({ revision, changes: [] });
  });

  it("has room between two revisions for any number of steps that follow from the first", async () => {
    let left = 0;
    const mesh = { kind: "Mesh", mesh: "", name: "a", labels: {}, spec: {}, version: 1, revision: 1 };
    const ready = (): readonly ViewChange[] => (left-- > 0 ? [{ op: "put", resource: mesh as never }] : []);
    await start({ handovers: { translate: (changes) => changes, ready } });
    left = 200;
    const revision = await commit(put("Mesh", "a"));
    await feed.reached(revision);
    const following = steps.map((step) => step.revision).filter((each) => each > revision);
    expect(new Set(following).size).toBe(200);
    expect(following).toEqual([...following].sort((a, b) => a - b));
    expect(following.at(-1)).toBeLessThan(revision + 1);
  });

  it("tells those who wait that it stops", async () => {
    await start();
    const waiting = expect(feed.reached(99)).rejects.toMatchObject({ code: "STOPPED" });
    await feed.stop();
    await waiting;
  });
});

describe("a log that no longer reaches back", () => {
  it("is no obstacle to a start", async () => {
    await commit(put("Mesh", "a"), put("Mesh", "gone"));
    await commit(deletion("Mesh", "gone"), put("Mesh", "b"));
    await store.compact(await commit(put("Mesh", "c")));
    await start();
    expect(texts()).toEqual(["a", "b", "c"]);
  });

  it("while running makes it read everything, and apply only what differs", async () => {
    const changes = store.changes.bind(store);
    await commit(put("Mesh", "same"), put("Mesh", "changed"), put("Mesh", "gone"));
    await start();
    seen.length = 0;
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    store.changes = async (...parts) => {
      await held;
      return changes(...parts);
    };
    await commit(put("Mesh", "changed", "again"), put("Mesh", "new"));
    const revision = await commit(deletion("Mesh", "gone"));
    await store.compact(revision);
    release();
    await feed.reached(revision);
    expect([...texts()].sort()).toEqual(["-gone", "changed", "new"]);
    await feed.reached(await commit(put("Mesh", "later")));
    expect(texts().at(-1)).toBe("later");
  });
});

describe("a store or an engine that fails", () => {
  it("is tried again without a further change", async () => {
    const database = failingStore();
    store = database.store;
    await start();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const changes = store.changes.bind(store);
    let failures = 1;
    store.changes = (...parts) => (failures-- > 0 ? Promise.reject(new Error("the database is away")) : changes(...parts));
    const revision = await commit(put("Mesh", "a"));
    await settle();
    expect(feed.revision).toBeLessThan(revision);
    await vi.advanceTimersByTimeAsync(1_000);
    await feed.reached(revision);
    expect(texts()).toEqual(["a"]);
  });

  it("does not lose the change", async () => {
    let failures = 1;
    const engine = recordingEngine();
    const apply = (changes: readonly ViewChange[]) => {
      if (changes.length > 0 && failures-- > 0) throw new Error("a bug");
      return engine.apply(changes);
    };
    await start({ engine: { apply } });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const revision = await commit(put("Mesh", "a"));
    await settle();
    await vi.advanceTimersByTimeAsync(1_000);
    await feed.reached(revision);
    expect(texts()).toEqual(["a"]);
  });

  it("does not end with a watch that breaks", async () => {
    let breaks = 1;
    const watch = store.watch.bind(store);
    store.watch = (signal) => {
      if (breaks-- <= 0) return watch(signal);
      return (async function* () {
        yield 0;
        throw new Error("the connection is lost");
      })();
    };
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await start();
    await settle();
    const revision = await commit(put("Mesh", "a"));
    await vi.advanceTimersByTimeAsync(1_000);
    await feed.reached(revision);
  });
});

describe("while the process is busy", () => {
  let share: number;
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    share = 0.9;
    await start({ busyShare: () => share });
    await settle();
    // The pace is counted from the last step.
    await feed.reached(await commit(put("Mesh", "before")));
    seen.length = 0;
    steps.length = 0;
  });

  async function storm(): Promise<number> {
    await commit(put("Dataplane", "a"));
    await settle();
    await commit(put("Dataplane", "b"));
    const revision = await commit(put("Dataplane", "c"));
    await settle();
    return revision;
  }

  it("endpoints wait and come in one step", async () => {
    const revision = await storm();
    expect(seen).toEqual([]);
    await vi.advanceTimersByTimeAsync(3_000);
    await until(() => expect(feed.revision).toBe(revision));
    expect(texts()).toEqual(["a", "b", "c"]);
    expect(steps).toHaveLength(1);
  });

  it("they wait only as long as it is", async () => {
    const revision = await storm();
    share = 0.1;
    await vi.advanceTimersByTimeAsync(50);
    await until(() => expect(feed.revision).toBe(revision));
  });

  it("a person's change never waits, and takes them along", async () => {
    await storm();
    const revision = await commit(put("Mesh", "now"));
    await until(() => expect(feed.revision).toBe(revision));
    expect(texts()).toEqual(["a", "b", "c", "now"]);
  });

  it("what is of no concern to configs does not wait", async () => {
    const revision = await commit(put("Other", "x"));
    await until(() => expect(feed.revision).toBe(revision));
  });

  it("a stop does not wait either", async () => {
    await storm();
    await feed.stop();
    expect(seen).toEqual([]);
  });
});
