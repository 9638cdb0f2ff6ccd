import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Logger, MeridianError } from "@meridian/base";
import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import type { Sql } from "./engine.ts";

/** Replicas that start together wait for each other on it. A class of locks of our own, one lock a schema; see `engine.ts`. */
const migrationLock = 1_330_446_203;

/** The table is ours, beside our tables: drizzle's default is one for all programs that share a database. */
const migrationsTable = sql.identifier("meridian_migrations");

export interface MigrationOptions {
  readonly logger: Logger;
  /** Where the SQL files are; default: the nearest `migrations` above this module. */
  readonly directory?: string;
}

/** Applies what is missing, in one transaction under a lock; safe when several replicas start at once. @returns what was applied. */
export async function migrate(db: Sql, options: MigrationOptions): Promise<number> {
  const migrations = readMigrationFiles({ migrationsFolder: options.directory ?? findMigrations() });
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${migrationLock}, hashtext(current_schema()))`);
    await tx.execute(sql`create table if not exists ${migrationsTable} (hash text primary key, time timestamptz not null)`);
    const applied = await appliedHashes(tx);
    const missing = migrations.filter(({ hash }) => !applied.has(hash));
    if (applied.size > migrations.length - missing.length) {
      options.logger.warn("the database has migrations that this version does not know: a newer version ran here");
    }
    for (const migration of missing) {
      for (const statement of migration.sql) await tx.execute(sql.raw(statement));
      await tx.execute(sql`insert into ${migrationsTable} (hash, time) values (${migration.hash}, now())`);
    }
    return missing.length;
  });
}

/** @throws MeridianError MIGRATIONS_MISSING, that says what to run, when the schema is older than this version. */
export async function assertMigrated(db: Sql, options: MigrationOptions): Promise<void> {
  const migrations = readMigrationFiles({ migrationsFolder: options.directory ?? findMigrations() });
  const exists = await db.execute(sql`select to_regclass('meridian_migrations') is not null as found`);
  const applied = firstRow(exists)?.["found"] === true ? await appliedHashes(db) : new Set<unknown>();
  const missing = migrations.filter(({ hash }) => !applied.has(hash)).length;
  if (missing > 0)
    throw new MeridianError("MIGRATIONS_MISSING", `the database lacks ${missing} migrations: run \`meridian migrate up\``);
}

async function appliedHashes(db: Sql): Promise<ReadonlySet<unknown>> {
  const result = await db.execute(sql`select hash from ${migrationsTable}`);
  return new Set(rowsOf(result).map((row) => row["hash"]));
}

/** Both drivers answer a raw statement with `{ rows }`; drizzle's common type does not say so. */
export function rowsOf(result: unknown): readonly Readonly<Record<string, unknown>>[] {
  return (result as { readonly rows: readonly Readonly<Record<string, unknown>>[] }).rows;
}

function firstRow(result: unknown): Readonly<Record<string, unknown>> | undefined {
  return rowsOf(result)[0];
}

/** Upwards from this module: the sources run in packages/store-sql/src, the bundle in apps/meridian/dist. */
function findMigrations(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(folder, "migrations");
    if (existsSync(join(candidate, "meta", "_journal.json"))) return candidate;
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error("the folder `migrations` was not found above the program: is the installation complete?");
    folder = parent;
  }
}
