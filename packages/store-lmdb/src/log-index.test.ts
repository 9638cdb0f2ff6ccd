import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@meridian/base";
import { expect, test } from "vitest";
import { openEnvironment } from "./environment.ts";
import { openLmdbStore } from "./index.ts";

test("a store of a version without an index gets one when it is opened, whatever was compacted before", async () => {
  const directory = await mkdtemp(join(tmpdir(), "meridian-lmdb-"));
  const options = { directory, logger: silentLogger, clock: systemClock };
  const key = (name: string) => ({ kind: "TrafficRoute", mesh: "default", name });
  try {
    const written = await openLmdbStore(options);
    const writes = Array.from({ length: 1_200 }, (_, n) => {
      return written.commit([{ op: "put", resource: { ...key(`r-${(n + 1) % 3}`), labels: {}, spec: n } }], { author: "test" });
    });
    await Promise.all(writes);
    await written.compact(100);
    const before = await written.history(key("r-1"));
    await written.close();

    const environment = openEnvironment(directory);
    await environment.logIndex.clearAsync();
    await environment.position.remove("indexedTo");
    await environment.root.close();

    const store = await openLmdbStore(options);
    expect(await store.history(key("r-1"))).toEqual(before);
    expect(await store.getAt(key("r-1"), 501)).toMatchObject({ version: 499 });
    await store.close();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
