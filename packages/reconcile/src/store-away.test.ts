import { systemClock } from "@meridian/base";
import { vipOf } from "@meridian/services";
import { createMemoryStore, type Store, UnavailableError } from "@meridian/store";
import { expect, it } from "vitest";
import { dataplane, externalService, mesh, until, ZoneStore } from "./testing/zone-store.ts";

/** A store that goes away and comes back; with `isLate`, one commit is made though its answer is lost. */
function flakyStore() {
  const real = createMemoryStore({ clock: systemClock });
  const store = Object.create(real) as Store;
  const flaky = { store, real, away: false, isLate: false, refused: 0 };
  const failing =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (flaky.away) {
        flaky.refused += 1;
        throw new UnavailableError("away");
      }
      return call(...args);
    };
  store.changes = failing(real.changes);
  store.list = failing(real.list) as Store["list"];
  store.commit = failing(async (changes, author, options) => {
    const result = await real.commit(changes, author, options);
    if (!flaky.isLate || author.author !== "mesh services") return result;
    flaky.isLate = false;
    throw new UnavailableError("the answer was lost");
  });
  return flaky;
}

it("waits for a store that is away, from the start and later", async () => {
  const flaky = flakyStore();
  const zone = new ZoneStore(flaky.store);
  await zone.put(mesh("Everywhere"), dataplane("web-1", "web"));
  flaky.away = true;
  await zone.start();
  await until(() => expect(flaky.refused).toBeGreaterThan(1));
  flaky.away = false;
  await until(async () => expect(vipOf(await zone.status("MeshService", "web"))).toBeDefined());
  flaky.away = true;
  flaky.refused = 0;
  await flaky.real.commit([{ op: "put", resource: externalService("api") }], { author: "test" });
  await until(() => expect(flaky.refused).toBeGreaterThan(1));
  flaky.away = false;
  await until(async () => expect(vipOf(await zone.status("MeshExternalService", "api"))).toBeDefined());
  await zone.stop();
});

it("keeps the address of a commit whose answer was lost", async () => {
  const flaky = flakyStore();
  const zone = new ZoneStore(flaky.store);
  await zone.put(mesh(), externalService("api"));
  flaky.isLate = true;
  await zone.start();
  await until(async () => expect(vipOf(await zone.status("MeshExternalService", "api"))).toBeDefined());
  const first = vipOf(await zone.status("MeshExternalService", "api"));
  await zone.put(externalService("other"));
  await until(async () => expect(vipOf(await zone.status("MeshExternalService", "other"))).toBeDefined());
  expect(vipOf(await zone.status("MeshExternalService", "api"))).toBe(first);
  await zone.settled();
  await zone.stop();
});
