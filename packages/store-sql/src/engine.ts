import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";

/** Drizzle on either driver; what it can do is the same. */
export type Sql = PgDatabase<PgQueryResultHKT>;

/** What differs between a Postgres server and PGlite: how a statement gets there, and how others hear of it. */
export interface SqlEngine {
  /** Runs reads, outside any transaction. */
  read<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** One transaction under the lock that hands out revisions: whoever holds it sees all revisions before its own. */
  write<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Statements without the lock, for what is outside the log. */
  update<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** First number of our advisory locks; the second tells schemas apart. Any number that no other program on the database uses. */
export const revisionLock = 1_330_446_202;

/** Begin of the names of our channels; the hash of the schema follows, because channels belong to the whole database. */
export const revisionChannel = "meridian_revision.";
export const busChannel = "meridian_bus.";
