import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@meridian/base";
import { describeKill } from "@meridian/store/conformance";
import { type BundledProgram, bundleProgram } from "@meridian/testkit";
import { afterAll, beforeAll } from "vitest";
import { openLmdbStore } from "./index.ts";

let directory: string;
let program: BundledProgram;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "meridian-lmdb-"));
  program = await bundleProgram(new URL("./testing/killed-writer.ts", import.meta.url));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await program.remove();
});

describeKill("lmdb", {
  program: () => program.file,
  directory: () => directory,
  open: (path) => openLmdbStore({ directory: path, logger: silentLogger, clock: systemClock }),
});
