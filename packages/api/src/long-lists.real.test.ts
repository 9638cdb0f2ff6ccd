import { silentLogger } from "@meridian/base";
import { openPostgresStore } from "@meridian/store-sql";
import { startPostgres, type TestPostgres } from "@meridian/testkit";
import { afterAll, beforeAll } from "vitest";
import { describeLongLists } from "./testing/long-lists.ts";
import { clock } from "./testing/test-api.ts";

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

describeLongLists("Postgres", 20_000, () => openPostgresStore({ url: postgres.url, logger: silentLogger, clock }));
