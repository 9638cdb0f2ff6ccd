import { CompactedError, UnavailableError } from "@meridian/store";
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import type { Availability } from "./availability.ts";
import { revisionLock, type Sql, type SqlEngine } from "./engine.ts";
import { publicError } from "./sql-errors.ts";

/**
 * One round trip for all of it. The limits end what would block every writer of every replica: a replica that froze inside its
 * transaction, and a wait for such a one. `set local`, because a pooler may hand the session to somebody else afterwards.
 */
const beginUnderLock = [
  "begin",
  "set local lock_timeout = '5s'",
  "set local idle_in_transaction_session_timeout = '5s'",
  `select pg_advisory_xact_lock(${revisionLock}, hashtext(current_schema()))`,
].join("; ");

export interface PostgresEngineParts {
  readonly pool: pg.Pool;
  readonly availability: Availability;
  readonly database: string;
}

/** Statements on a pool; the server may go and come back under it. */
export function createPostgresEngine({ pool, availability, database }: PostgresEngineParts): SqlEngine {
  const handles = new WeakMap<pg.PoolClient, Sql>();
  let closed = false;

  function handleOf(client: pg.PoolClient): Sql {
    const known = handles.get(client);
    if (known !== undefined) return known;
    const handle: Sql = drizzle({ client });
    handles.set(client, handle);
    return handle;
  }

  /** Runs `work` on a connection of its own. A connection that failed, or that may still be at work, is not used again. */
  async function onClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    if (closed) throw new UnavailableError("the store is closed");
    try {
      const client = await takeClient();
      let reusable = false;
      try {
        const result = await availability.whileUp(work(client));
        reusable = true;
        return result;
      } catch (error) {
        // An answer, read outside any transaction: nothing is wrong with the connection.
        reusable = error instanceof CompactedError;
        throw error;
      } finally {
        client.release(!reusable);
      }
    } catch (error) {
      throw publicError(error, database);
    }
  }

  async function takeClient(): Promise<pg.PoolClient> {
    availability.assertUp();
    const connecting = pool.connect();
    try {
      return await availability.whileUp(connecting);
    } catch (error) {
      // It may come after all, when nobody waits for it any more.
      connecting.then(
        (late) => late.release(true),
        () => undefined,
      );
      throw error;
    }
  }

  /** After a restart of the server the pool may still hold a dead connection: what had no effect is tried on another one. */
  async function withFreshConnection<T>(work: () => Promise<T>, hadEffect: () => boolean = () => false): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UnavailableError) || availability.isDown || closed || hadEffect()) throw error;
      return work();
    }
  }

  return {
    read: (work) => withFreshConnection(() => onClient((client) => work(handleOf(client)))),
    async write(work) {
      let begun = false;
      const transaction = async (client: pg.PoolClient) => {
        await client.query(beginUnderLock);
        begun = true;
        // No rollback on failure: `onClient` drops the connection, which rolls back, whatever state it is in.
        const result = await work(handleOf(client));
        await client.query("commit");
        return result;
      };
      return withFreshConnection(
        () => onClient(transaction),
        () => begun,
      );
    },
    // Both users are idempotent (upserts by key, deletes), so a repetition does no harm.
    update: (work) => withFreshConnection(() => onClient((client) => work(handleOf(client)))),
    async close() {
      if (closed) return;
      closed = true;
      await pool.end();
    },
  };
}
