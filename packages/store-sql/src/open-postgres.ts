import { type Clock, errorMessage, Latest, type Logger, MeridianError } from "@meridian/base";
import type { Store, UnavailableError } from "@meridian/store";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { Availability } from "./availability.ts";
import { busChannel, revisionChannel, type Sql } from "./engine.ts";
import { Listener } from "./listener.ts";
import { assertMigrated, migrate, rowsOf } from "./migrations.ts";
import { createPostgresBus, type PostgresBus } from "./postgres-bus.ts";
import { createPostgresEngine } from "./postgres-engine.ts";
import { publicError } from "./sql-errors.ts";
import { advance, createSqlStore } from "./sql-store.ts";

/** A new connection either stands within this time or the server counts as away. */
const connectTimeoutMs = 1_500;
/** Also bounds the wait for a free connection of the pool, hence longer. */
const poolTimeoutMs = 5_000;

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`, with the query parameters of libpq. */
  readonly url: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Applies missing migrations first; true when absent. Otherwise opening fails while some are missing. */
  readonly migrate?: boolean;
  readonly migrationsDirectory?: string;
  /** Connections for statements, 10 when absent; one more listens. */
  readonly poolSize?: number;
  /** How often the revision is read although nobody nudged: 5,000 ms when absent. */
  readonly backstopMs?: number;
}

/**
 * The store on a Postgres server, shared with any number of replicas. @throws UnavailableError when the server cannot be reached
 * now; later it may go and come back.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { url, logger, clock } = options;
  const database = nameOf(url);
  const settings: pg.ClientConfig = { connectionString: url, application_name: "meridian", keepAlive: true };
  const schema = await prepareSchema(new pg.Client({ ...settings, connectionTimeoutMillis: connectTimeoutMs }), options);

  const pool = new pg.Pool({ ...settings, max: options.poolSize ?? 10, connectionTimeoutMillis: poolTimeoutMs });
  // An idle connection that breaks: the pool has dropped it already. Without a listener the process would end.
  pool.on("error", (error) => logger.debug({ reason: errorMessage(publicError(error, database)) }, "idle connection lost"));
  // A connection in use that breaks between two statements: the next statement fails, and the pool drops it.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const availability = new Availability(() => listener.probe());
  const engine = createPostgresEngine({ pool, availability, database });
  const bus = createPostgresBus(engine, logger);
  const newest = new Latest(0);
  const listener = new Listener({
    newClient: () => new pg.Client({ ...settings, connectionTimeoutMillis: connectTimeoutMs }),
    database,
    channels: [revisionChannel + schema, busChannel + schema],
    onNotification: (channel, payload) => hear(channel, payload, newest, bus),
    onRevision: createRevisionReader(newest),
    onUp: () => availability.markUp(),
    onDown: (error: UnavailableError) => availability.markDown(error),
    logger,
    backstopMs: options.backstopMs ?? 5_000,
  });
  await listener.start();
  const store = createSqlStore({ engine, bus, newest, clock });
  return {
    ...store,
    async close() {
      await store.close();
      await listener.stop();
    },
  };
}

/** Only applies the migrations: `meridian migrate up`. @returns how many were missing. */
export async function migratePostgres(options: Omit<PostgresStoreOptions, "clock">): Promise<number> {
  return withClient(newClient(options.url), options.url, (db) => migrate(db, migrationOptions(options)));
}

function newClient(url: string): pg.Client {
  return new pg.Client({ connectionString: url, application_name: "meridian", connectionTimeoutMillis: connectTimeoutMs });
}

/** @returns what tells the schema's channels from those of other schemas in the database. */
async function prepareSchema(client: pg.Client, options: PostgresStoreOptions): Promise<string> {
  return withClient(client, options.url, async (db) => {
    if (options.migrate === false) await assertMigrated(db, migrationOptions(options));
    else await migrate(db, migrationOptions(options));
    const [row] = rowsOf(await db.execute(sql`select hashtext(current_schema()) as schema`));
    return String(row?.["schema"]);
  });
}

async function withClient<T>(client: pg.Client, url: string, work: (db: Sql) => Promise<T>): Promise<T> {
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(drizzle({ client }));
  } catch (error) {
    throw publicError(error, nameOf(url));
  } finally {
    await client.end().catch(() => undefined);
  }
}

function migrationOptions({ logger, migrationsDirectory }: Omit<PostgresStoreOptions, "clock">) {
  return { logger, ...(migrationsDirectory !== undefined && { directory: migrationsDirectory }) };
}

function hear(channel: string, payload: string, newest: Latest<number>, bus: PostgresBus): void {
  if (channel.startsWith(busChannel)) bus.receive(payload);
  else advance(newest, Number(payload));
}

/**
 * Takes the revision that a heartbeat read. It goes back only where the database did (restored from a backup): below what was known
 * at the heartbeat before. Below what is known now says nothing, a commit may have ended while the heartbeat was read.
 */
function createRevisionReader(newest: Latest<number>): (revision: number) => void {
  let knownAtLastRead = 0;
  return (revision) => {
    if (revision < knownAtLastRead) newest.set(revision);
    else advance(newest, revision);
    knownAtLastRead = newest.value;
  };
}

/** Names the server without user and password. @throws Error for a url that is none; it does not repeat it. */
function nameOf(url: string): string {
  try {
    const { hostname, port } = new URL(url);
    return `Postgres at ${hostname || "its socket"}:${port || "5432"}`;
  } catch {
    throw new MeridianError(
      "INVALID_URL",
      "the store's address is not a url: expected postgres://user:password@host:port/database",
    );
  }
}
