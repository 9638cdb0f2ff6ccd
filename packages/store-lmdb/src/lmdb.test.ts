import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@meridian/base";
import { describeStore } from "@meridian/store/conformance";
import { afterAll, beforeAll } from "vitest";
import { openLmdbStore } from "./index.ts";

let root: string;
let opened = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "meridian-lmdb-"));
});

afterAll(() => rm(root, { recursive: true, force: true }));

describeStore("lmdb", {
  open: (clock) => openLmdbStore({ directory: join(root, String(++opened)), logger: silentLogger, clock }),
  reopen: (clock) => openLmdbStore({ directory: join(root, String(opened)), logger: silentLogger, clock }),
  propertyRuns: 25,
});
