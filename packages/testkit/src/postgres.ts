import { findPostgresBinaries } from "./postgres-binaries.ts";
import { startContainerServer } from "./postgres-container.ts";
import { startLocalPostgres } from "./postgres-local.ts";
import { useSharedServer } from "./postgres-shared.ts";
import type { TestPostgres } from "./test-postgres.ts";

/**
 * A real Postgres for a test: a database of its own on the server of `DATABASE_URL`; else a server of its own from the `postgres`
 * binary on this machine; else from a container.
 * @throws Error that says how to get one.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const databaseUrl = process.env["DATABASE_URL"];
  if (databaseUrl) return useSharedServer(databaseUrl);
  const binaries = await findPostgresBinaries();
  if (binaries !== undefined) return startLocalPostgres(binaries);
  const container = await startContainerServer();
  if (container !== undefined) return useSharedServer(container.url, container.stop);
  throw new Error(
    "this test needs a Postgres: set DATABASE_URL (a role that may create databases), or install the server " +
      "(Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql), or start a Docker engine",
  );
}
