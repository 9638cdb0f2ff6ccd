import { PGlite } from "@electric-sql/pglite";
import { silentLogger } from "@meridian/base";
import { describeStore } from "@meridian/store/conformance";
import { afterAll, beforeAll } from "vitest";
import { openPgliteStore } from "./index.ts";

// One instance for all: each takes seconds to start and hundreds of megabytes.
let client: PGlite;

beforeAll(async () => {
  client = await PGlite.create();
});

afterAll(() => client.close());

describeStore("PGlite", {
  async open(clock) {
    await client.exec("drop schema public cascade; create schema public");
    return openPgliteStore({ client, logger: silentLogger, clock });
  },
  reopen: (clock) => openPgliteStore({ client, logger: silentLogger, clock }),
  propertyRuns: 15,
});
