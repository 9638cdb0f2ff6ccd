import { silentLogger } from "@meridian/base";
import type { Store } from "@meridian/store";
import { describeStore } from "@meridian/store/conformance";
import { startPostgres, type TestPostgres } from "@meridian/testkit";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { openPostgresStore } from "./index.ts";

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres.stop());

/** Faster than a new database for each test. */
async function emptyDatabase(): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query("drop schema public cascade; create schema public");
  await client.end();
}

describeStore("Postgres", {
  async open(clock): Promise<Store> {
    await emptyDatabase();
    return openPostgresStore({ url: postgres.url, logger: silentLogger, clock });
  },
  reopen: (clock) => openPostgresStore({ url: postgres.url, logger: silentLogger, clock }),
  propertyRuns: 15,
});
