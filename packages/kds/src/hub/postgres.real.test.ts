import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@meridian/base";
import { syncedName } from "@meridian/model";
import type { Store } from "@meridian/store";
import { openLmdbStore } from "@meridian/store-lmdb";
import { openPostgresStore } from "@meridian/store-sql";
import { startPostgres, type TestPostgres } from "@meridian/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dataplane, Fabric, ingress, put, route, type TestHub, until } from "../testing/fabric.ts";

let postgres: TestPostgres;
const fabric = new Fabric();
const cleanUp: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(async () => {
  await fabric.close();
  for (const step of cleanUp.reverse()) await step();
  await postgres.stop();
});

async function replica(instanceId: string): Promise<TestHub> {
  const store = await openPostgresStore({ url: postgres.url, logger: silentLogger, clock: systemClock });
  cleanUp.push(() => store.close());
  return fabric.hub({ store, instanceId });
}

async function zoneStore(directory: string): Promise<Store> {
  const store = await openLmdbStore({ directory, logger: silentLogger, clock: systemClock });
  cleanUp.push(() => store.close());
  return store;
}

async function snapshots(hub: TestHub): Promise<number> {
  return (await hub.metrics.getSingleMetric("meridian_kds_snapshots_total")?.get())?.values[0]?.value ?? 0;
}

/** Values that a database might change on the way: the digests of both sides must still agree. */
const awkward = { z: 1, a: { "ä/b": [1.5, -0, 1e21, 0.1], empty: {}, none: null }, text: 'é\u{1f600}\\"\n', big: 2 ** 53 - 1 };

it("two replicas on Postgres, zones on lmdb: changes, uploads, convergence and resume", async () => {
  const directory = await mkdtemp(join(tmpdir(), "meridian-kds-"));
  cleanUp.push(() => rm(directory, { recursive: true, force: true }));
  const [first, second] = [await replica("global-1"), await replica("global-2")];
  const eastStore = await zoneStore(join(directory, "east"));
  const east = await fabric.zone(first, "east", { store: eastStore });
  const west = await fabric.zone(second, "west", { store: await zoneStore(join(directory, "west")) });
  await until(() => expect(Math.min(east.applied.length, west.applied.length)).toBeGreaterThan(0), 20_000);

  const revision = await put(second.store, route("canary", awkward));
  const key = { ...route("canary"), name: syncedName("canary", "default") };
  await until(async () => expect((await east.store.get(key))?.spec).toEqual(JSON.parse(JSON.stringify(awkward))));
  for (const { hub } of [first, second]) {
    await until(() =>
      expect(hub.report(revision)).toMatchObject({ converged: true, zones: [{ status: "online" }, { status: "online" }] }),
    );
  }

  await put(east.store, ingress("zi", awkward), dataplane("backend-1", awkward));
  const offered = { ...ingress("zi"), name: syncedName("zi", "", "east") };
  await until(async () => expect(await west.store.get(offered)).toBeDefined());

  await east.stop();
  const changed = await put(first.store, route("canary", { weight: 2 }));
  const uploads = await first.store.revision();
  const again = await fabric.zone(second, "east", { store: eastStore });
  await until(async () => expect((await again.store.get(key))?.spec).toEqual({ weight: 2 }));
  await until(() => expect(first.hub.report(changed)).toMatchObject({ converged: true, zones: [{ status: "online" }, {}] }));
  expect([await snapshots(first), await snapshots(second)]).toEqual([1, 1]);
  expect(again.wire.bytesUp).toBeLessThan(4000);
  expect(await first.store.revision()).toBe(uploads);
  expect(
    first.hub
      .zones()
      .concat(second.hub.zones())
      .flatMap(({ syncError }) => syncError ?? []),
  ).toEqual([]);
});
