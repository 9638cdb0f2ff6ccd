import { inspect } from "node:util";
import { silentLogger, systemClock } from "@meridian/base";
import { type Change, type ChangeEntry, type Store, withReadCache } from "@meridian/store";
import { startPostgres, type TestPostgres } from "@meridian/testkit";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { migratePostgres, openPostgresStore } from "./index.ts";

const author = { author: "test" };

let postgres: TestPostgres;
let stores: Store[];

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres.stop());

beforeEach(async () => {
  stores = [];
  await sql("drop schema public cascade; create schema public");
});

afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
});

async function sql(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

/** The backstop is out of reach of the tests: what they see came by notification or by a new connection. */
async function openStore(): Promise<Store> {
  const store = await openPostgresStore({ url: postgres.url, logger: silentLogger, clock: systemClock, backstopMs: 600_000 });
  stores.push(store);
  return store;
}

function put(name: string, spec: unknown = { n: 1 }): Change {
  return { op: "put", resource: { kind: "TrafficRoute", mesh: "default", name, labels: {}, spec } };
}

const key = (name: string) => ({ kind: "TrafficRoute", mesh: "default", name });

/** Follows the log of one store in the background, as a hub does. */
function follow(store: Store): { readonly entries: ChangeEntry[]; readonly end: () => Promise<void> } {
  const abort = new AbortController();
  const entries: ChangeEntry[] = [];
  async function run(): Promise<void> {
    let seen = 0;
    for await (const _ of store.watch(abort.signal)) {
      const page = await store.changes(seen);
      entries.push(...page.entries);
      seen = page.lastRevision;
    }
  }
  const running = run();
  return {
    entries,
    end: async () => {
      abort.abort();
      await running;
    },
  };
}

const revisionsOf = (entries: readonly ChangeEntry[]): readonly number[] => entries.map((entry) => entry.revision);
const oneTo = (last: number): readonly number[] => Array.from({ length: last }, (_, n) => n + 1);

async function back(store: Store): Promise<void> {
  await vi.waitFor(() => store.revision(), { timeout: 20_000, interval: 20 });
}

describe("two replicas on one Postgres", () => {
  it("hear each other's commits and messages at once", async () => {
    const [a, b] = [await openStore(), await openStore()];
    const following = follow(b);
    await a.commit([put("x")], author);
    await vi.waitFor(() => expect(revisionsOf(following.entries)).toEqual([1]), { timeout: 5_000, interval: 1 });
    const heard: string[] = [];
    b.bus.subscribe("proxies", (payload) => heard.push(`b ${payload}`));
    a.bus.subscribe("proxies", (payload) => heard.push(`a ${payload}`));
    await a.bus.publish("proxies", "zwei\nZeilen");
    await vi.waitFor(() => expect(heard.sort()).toEqual(["a zwei\nZeilen", "b zwei\nZeilen"]), { timeout: 5_000, interval: 1 });
    await following.end();
  });

  it("hand out each revision once, and both see all of them in order", async () => {
    const [a, b] = [await openStore(), await openStore()];
    const followers = [follow(a), follow(b)];
    const writes = Array.from({ length: 25 }, async (_, writer) => {
      for (let n = 0; n < 4; n++) {
        await a.commit([put(`a-${writer}`, n)], author);
        await b.commit([put(`b-${writer}`, n)], author);
      }
    });
    await Promise.all(writes);
    for (const { entries, end } of followers) {
      await vi.waitFor(() => expect(revisionsOf(entries)).toEqual(oneTo(200)), { timeout: 10_000, interval: 5 });
      await end();
    }
    expect(await a.list("TrafficRoute")).toEqual(await b.list("TrafficRoute"));
  });

  it("catch up when the connection that listens was cut while the other wrote", async () => {
    const [a, b] = [await openStore(), await openStore()];
    const following = follow(b);
    await sql(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' or query like '%from log_position'",
    );
    await a.commit([put("x")], author);
    await vi.waitFor(() => expect(revisionsOf(following.entries)).toEqual([1]), { timeout: 10_000, interval: 5 });
    await following.end();
  });

  it("do not hear schemas that are not theirs", async () => {
    await sql("drop schema if exists other cascade; create schema other");
    const url = new URL(postgres.url);
    url.searchParams.set("options", "-c search_path=other");
    const a = await openStore();
    const other = await openPostgresStore({ url: url.href, logger: silentLogger, clock: systemClock, backstopMs: 600_000 });
    stores.push(other);
    await a.commit([put("x")], author);
    await a.commit([put("y")], author);
    expect((await other.commit([put("z")], author)).revision).toBe(1);
    const abort = new AbortController();
    for await (const revision of other.watch(abort.signal)) {
      expect(revision).toBe(1);
      abort.abort();
    }
  });
});

describe("a restart of Postgres under two stores", () => {
  it("is survived by both: errors at once meanwhile, then everything goes on without a restart", async () => {
    const [a, b] = [await openStore(), await openStore()];
    const following = follow(b);
    await a.commit([put("before")], author);
    await vi.waitFor(() => expect(following.entries).toHaveLength(1), 20_000);
    await postgres.shutDown();
    for (const store of [a, b]) {
      await expect(store.commit([put("lost")], author)).rejects.toMatchObject({ code: "UNAVAILABLE" });
      await expect(store.get(key("before"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
      await expect(store.putStatus([{ key: key("s"), value: 1 }])).rejects.toMatchObject({ code: "UNAVAILABLE" });
      await store.bus.publish("proxies", "only here");
    }
    await postgres.bringUp();
    await Promise.all([back(a), back(b)]);
    await a.commit([put("after")], author);
    await vi.waitFor(() => expect(following.entries.map((entry) => entry.key.name)).toEqual(["before", "after"]), {
      timeout: 10_000,
      interval: 5,
    });
    expect((await b.list("TrafficRoute")).map(({ name }) => name)).toEqual(["after", "before"]);
    await following.end();
  });

  it("loses nothing that was acknowledged to 20 writers", async () => {
    const store = await openStore();
    const acknowledged: { readonly name: string; readonly revision: number }[] = [];
    let stop = false;
    async function writeOn(writer: number): Promise<void> {
      for (let n = 0; !stop; n++) {
        try {
          const { revision } = await store.commit([put(`w-${writer}-${n}`)], author);
          acknowledged.push({ name: `w-${writer}-${n}`, revision });
        } catch (error) {
          expect(error).toMatchObject({ code: "UNAVAILABLE" });
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    }
    const writers = Array.from({ length: 20 }, (_, writer) => writeOn(writer));
    for (const target of [200, 400]) {
      await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(target), { timeout: 20_000 });
      await postgres.restart();
    }
    await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(600), { timeout: 20_000 });
    stop = true;
    await Promise.all(writers);
    const { entries } = await store.changes(0);
    expect(revisionsOf(entries)).toEqual(oneTo(entries.length));
    const logged = new Map(entries.map((entry) => [entry.revision, entry.key.name]));
    expect(acknowledged.filter(({ name, revision }) => logged.get(revision) !== name)).toEqual([]);
  });

  it("leaves reads working behind a read cache", async () => {
    const inner = await openStore();
    await inner.commit([put("before")], author);
    const store = await withReadCache(inner, { kinds: ["TrafficRoute"], logger: silentLogger });
    stores[0] = store;
    await postgres.shutDown();
    expect(await store.get(key("before"))).toMatchObject({ version: 1 });
    expect(await store.list("TrafficRoute")).toHaveLength(1);
    expect(await store.changes(1)).toEqual({ entries: [], lastRevision: 1 });
    await expect(store.commit([put("lost")], author)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await postgres.bringUp();
    await vi.waitFor(() => store.commit([put("after")], author), { timeout: 20_000, interval: 20 });
    expect(await store.list("TrafficRoute")).toHaveLength(2);
  });
});

it("does not wait for a server that froze", async () => {
  const store = await openStore();
  await store.commit([put("before")], author);
  postgres.pause();
  try {
    const startedMs = performance.now();
    await expect(store.commit([put("frozen")], author)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    const foundOutMs = performance.now();
    await expect(store.get(key("before"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
    // Whoever comes later does not find it out anew.
    expect(performance.now() - foundOutMs).toBeLessThan((foundOutMs - startedMs) / 2);
  } finally {
    postgres.resume();
  }
  await back(store);
  expect((await store.commit([put("after")], author)).outcomes).toEqual(["created"]);
});

describe("errors", () => {
  it("carry neither SQL nor parameters", async () => {
    const store = await openStore();
    await store.commit([put("x")], author);
    await sql("alter table resources add constraint no_secrets check (spec::text not like '%hunter2%')");
    const error: unknown = await store.commit([put("y", { data: "hunter2" })], author).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ sqlState: "23514" });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/hunter2|insert into/i);
    expect((await store.commit([put("z")], author)).revision).toBe(2);
  });

  it("of one commit's data do not fail its neighbours in the group", async () => {
    const store = await openStore();
    await sql("alter table resources add constraint no_secrets check (spec::text not like '%hunter2%')");
    const commits = Array.from({ length: 9 }, (_, n) => store.commit([put(`r-${n}`, n === 4 ? "hunter2" : n)], author));
    const settled = await Promise.allSettled(commits);
    expect(settled.map(({ status }) => status)).toEqual(settled.map((_, n) => (n === 4 ? "rejected" : "fulfilled")));
    expect(await store.revision()).toBe(8);
  });

  it("of opening name the server, never the password", async () => {
    const options = { logger: silentLogger, clock: systemClock };
    const closed = openPostgresStore({ ...options, url: "postgres://u:hunter2@127.0.0.1:1/db" });
    const error: unknown = await closed.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "UNAVAILABLE", message: "Postgres at 127.0.0.1:1 cannot be reached: ECONNREFUSED" });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("hunter2");
    const malformed: unknown = await openPostgresStore({ ...options, url: "u:hunter2@ host" }).catch((thrown: unknown) => thrown);
    expect(inspect(malformed, { depth: 10 })).not.toContain("hunter2");
  });
});

describe("migrations", () => {
  it("are applied once by replicas that start together", async () => {
    await Promise.all(Array.from({ length: 5 }, openStore));
    expect(await migratePostgres({ url: postgres.url, logger: silentLogger })).toBe(0);
  });

  it("are asked for when they are missing and must not be applied", async () => {
    const options = { url: postgres.url, logger: silentLogger, clock: systemClock, migrate: false };
    await expect(openPostgresStore(options)).rejects.toThrow("meridian migrate up");
    expect(await migratePostgres(options)).toBeGreaterThan(0);
    stores.push(await openPostgresStore(options));
  });
});
