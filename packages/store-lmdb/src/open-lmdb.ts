import { type Clock, errorMessage, Latest, type Logger } from "@meridian/base";
import type { Resource, ResourceKey, Revision } from "@meridian/model";
import {
  assertStorableKey,
  CompactedError,
  ConflictError,
  isUnstorableQuery,
  type ListFilter,
  LocalBus,
  lockDirectory,
  plainJson,
  type StatusEntry,
  type Store,
  storableChanges,
  UnavailableError,
} from "@meridian/store";
import { type Environment, openEnvironment, type StoredStatus } from "./environment.ts";
import { commitInTransaction, compactLog, newestRevision, readChanges, readResource } from "./log.ts";
import { completeIndex } from "./log-index.ts";
import { readComparison, readHistory, readResourceAt } from "./log-reads.ts";
import { rowKey, walk, wholeResource } from "./rows.ts";

export interface LmdbStoreOptions {
  /** Made when it is missing; one process at a time. */
  readonly directory: string;
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * The embedded store of a zone: reads are synchronous walks over mapped memory, commits of one turn of the event loop share a
 * transaction and a flush. @throws Error when another process has the directory open.
 */
export async function openLmdbStore({ directory, logger, clock }: LmdbStoreOptions): Promise<Store> {
  const unlock = await lockDirectory(directory);
  let environment: Environment;
  try {
    environment = openEnvironment(directory);
    await completeIndex(environment);
  } catch (error) {
    await unlock();
    throw new UnavailableError(`the store in ${directory} cannot be opened: ${errorMessage(error)}`, { cause: error });
  }
  const newest = new Latest(newestRevision(environment));
  const now = (): string => new Date(clock.now()).toISOString();
  let closed = false;

  async function run<T>(work: () => T | Promise<T>): Promise<T> {
    if (closed) throw new UnavailableError("the store is closed");
    try {
      return await work();
    } catch (error) {
      if (error instanceof ConflictError || error instanceof CompactedError || error instanceof RangeError) throw error;
      logger.error({ directory, reason: errorMessage(error) }, "the embedded store failed");
      throw new UnavailableError(`the store in ${directory} failed: ${errorMessage(error)}`, { cause: error });
    }
  }

  return {
    bus: new LocalBus(),
    get: <S>(key: ResourceKey) =>
      run(() => (isUnstorableQuery([key.kind, key.mesh, key.name]) ? undefined : readResource(environment, key))) as Promise<
        Resource<S> | undefined
      >,
    list: <S>(kind: string, filter?: ListFilter) =>
      run(() => Array.from(walk(environment.resources, kind, filter), ({ key, value }) => wholeResource(key, value))) as Promise<
        readonly Resource<S>[]
      >,
    count: (kind, filter = {}) =>
      run(() => {
        const { after: _after, limit: _limit, ...whole } = filter;
        let count = 0;
        for (const _ of walk(environment.resources, kind, whole)) count += 1;
        return count;
      }),
    revision: () => run(() => newestRevision(environment)),
    changes: (after, { maxRevisions = Number.MAX_SAFE_INTEGER } = {}) => run(() => readChanges(environment, after, maxRevisions)),
    revisionInfo: (revision) =>
      run(() => {
        const found = environment.log.get(revision);
        return found && { revision, ...found.info };
      }),
    history: (query = {}) => run(() => readHistory(environment, query)),
    getAt: <S>(key: ResourceKey, revision: Revision) =>
      run(() => readResourceAt(environment, key, revision)) as Promise<Resource<S> | undefined>,
    compare: (from, to, filter) => run(() => readComparison(environment, [from, to], filter)),
    watch: (signal) => newest.changes(signal),
    commit: (changes, author, { meta = {} } = {}) =>
      run(async () => {
        const call = { changes: storableChanges(changes), author, meta, time: now() };
        const result = await environment.root.transaction(() => commitInTransaction(environment, call));
        // Visible now, on disk a moment later: who is woken need not wait for the disk, who wrote must.
        if (result.revision > newest.value) newest.set(result.revision);
        await environment.root.flushed;
        return result;
      }),
    meta: (name) => run(() => environment.meta.get(name)),
    compact: (revision) => run(() => compactLog(environment, revision)),
    async close() {
      if (closed) return;
      closed = true;
      await environment.root.close();
      await unlock();
    },
    putStatus: (entries) =>
      run(async () => {
        const modificationTime = now();
        for (const { key } of entries) assertStorableKey(key);
        const stored = entries.map(({ key, value }) => ({
          key: rowKey(key),
          value: { value: plainJson(value), modificationTime },
        }));
        await environment.root.transaction(() => {
          for (const { key, value } of stored) environment.status.putSync(key, value);
        });
      }),
    deleteStatus: (keys) =>
      run(async () => {
        const storable = keys.filter((key) => !isUnstorableQuery([key.kind, key.mesh, key.name])).map(rowKey);
        await environment.root.transaction(() => {
          for (const key of storable) environment.status.removeSync(key);
        });
      }),
    getStatus: <V>(key: ResourceKey) =>
      run(() => {
        if (isUnstorableQuery([key.kind, key.mesh, key.name])) return undefined;
        const found = environment.status.get(rowKey(key));
        return found && statusEntry<V>({ kind: key.kind, mesh: key.mesh, name: key.name }, found);
      }),
    listStatus: <V>(kind: string, filter?: ListFilter) =>
      run(() => Array.from(walk(environment.status, kind, filter), ({ key, value }) => statusEntry<V>(key, value))),
  };
}

function statusEntry<V>(key: ResourceKey, stored: StoredStatus): StatusEntry<V> {
  return { key, value: stored.value as V, modificationTime: stored.modificationTime };
}
