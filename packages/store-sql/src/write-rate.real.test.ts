import { silentLogger, systemClock } from "@meridian/base";
import type { Store } from "@meridian/store";
import { startPostgres, type TestPostgres } from "@meridian/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openPostgresStore } from "./index.ts";

let postgres: TestPostgres;
let store: Store;

beforeAll(async () => {
  postgres = await startPostgres();
  store = await openPostgresStore({ url: postgres.url, logger: silentLogger, clock: systemClock });
});

afterAll(async () => {
  await store.close();
  await postgres.stop();
});

async function write(name: string, n: number): Promise<void> {
  const spec = { conf: { weight: n, destination: { "kuma.io/service": "backend", version: `v${n}` } } };
  await store.commit([{ op: "put", resource: { kind: "TrafficRoute", mesh: "default", name, labels: {}, spec } }], {
    author: "bench",
  });
}

it("writes at least 1,000 single resources a second, durably, with 50 writers", async () => {
  const writers = 50;
  const each = 60;
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let n = 0; n < each; n++) await write(`r-${writer}`, n);
    }),
  );
  const perSecond = Math.round((writers * each * 1000) / (performance.now() - startedMs));
  console.log(`${perSecond} durable writes/s with ${writers} writers`);
  expect(await store.revision()).toBe(writers * each);
  expect(perSecond).toBeGreaterThan(1_000);
});

it("does not let a lone write wait for others", async () => {
  const times: number[] = [];
  for (let n = 0; n < 100; n++) {
    const startedMs = performance.now();
    await write("lone", n);
    times.push(performance.now() - startedMs);
  }
  times.sort((a, b) => a - b);
  console.log(`lone write: p50 ${times[50]?.toFixed(1)} ms, p99 ${times[98]?.toFixed(1)} ms`);
  expect(times[50]).toBeLessThan(20);
});
