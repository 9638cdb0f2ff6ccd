import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { type Clock, Latest, type Logger } from "@meridian/base";
import { LocalBus, lockDirectory, type Store, UnavailableError } from "@meridian/store";
import { drizzle } from "drizzle-orm/pglite";
import type { Sql, SqlEngine } from "./engine.ts";
import { migrate } from "./migrations.ts";
import { readRevision } from "./reads.ts";
import { publicError } from "./sql-errors.ts";
import { createSqlStore } from "./sql-store.ts";

export interface PgliteStoreOptions {
  /** Where the database lies; in memory when absent, then it ends with the process. */
  readonly directory?: string;
  /** An instance that the caller closes: one takes seconds and hundreds of megabytes to make. */
  readonly client?: PGlite;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly migrationsDirectory?: string;
}

/**
 * Postgres inside this process: the embedded default of a global. One process only, hence no notifications: who commits nudges.
 * Files are written before a commit is acknowledged, so it outlives a kill of the process.
 */
export async function openPgliteStore(options: PgliteStoreOptions): Promise<Store> {
  const { directory, logger, clock } = options;
  const unlock = directory === undefined ? async () => undefined : await lockDirectory(directory);
  const pglite = options.client ?? (await createPglite(directory));
  const db: Sql = drizzle({ client: pglite });
  const migrations = options.migrationsDirectory === undefined ? {} : { directory: options.migrationsDirectory };
  try {
    await migrate(db, { logger, ...migrations });
  } catch (error) {
    await unlock();
    throw publicError(error, "the embedded database");
  }
  const newest = new Latest(await readRevision(db));
  const engine = pgliteEngine(db, async () => {
    if (options.client === undefined) await pglite.close();
    await unlock();
  });
  return createSqlStore({ engine, bus: new LocalBus(), newest, clock });
}

function createPglite(directory: string | undefined): Promise<PGlite> {
  return directory === undefined ? PGlite.create() : PGlite.create(join(directory, "pgdata"));
}

/** PGlite has one session and runs one transaction at a time: that is the lock under which revisions are handed out. */
function pgliteEngine(db: Sql, onClose: () => Promise<void>): SqlEngine {
  let closed = false;

  async function run<T>(work: () => Promise<T>): Promise<T> {
    if (closed) throw new UnavailableError("the store is closed");
    try {
      return await work();
    } catch (error) {
      throw publicError(error, "the embedded database");
    }
  }

  return {
    read: (work) => run(() => work(db)),
    write: (work) => run(() => db.transaction((tx) => work(tx))),
    update: (work) => run(() => work(db)),
    async close() {
      if (closed) return;
      closed = true;
      await onClose();
    },
  };
}
