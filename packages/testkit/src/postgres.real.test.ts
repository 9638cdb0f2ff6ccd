import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startPostgres } from "./postgres.ts";
import type { TestPostgres } from "./test-postgres.ts";

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres.stop());

async function ask(text: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const { rows } = await client.query<{ answer: unknown }>(text);
  await client.end();
  return rows[0]?.answer;
}

it("is durable as in production", async () => {
  expect(await ask("select current_setting('fsync') || current_setting('synchronous_commit') as answer")).toBe("onon");
});

it("keeps its url and its data over a restart, and refuses connections meanwhile", async () => {
  await ask("create table kept as select 42 as n");
  await postgres.shutDown();
  await expect(ask("select 1 as answer")).rejects.toThrow();
  await postgres.bringUp();
  expect(await ask("select n as answer from kept")).toBe(42);
});

it("gives each caller its own database", async () => {
  const other = await startPostgres();
  expect(other.url).not.toBe(postgres.url);
  await other.stop();
});
