import type { Clock, Latest } from "@meridian/base";
import type { Resource, ResourceKey, Revision } from "@meridian/model";
import { type Bus, type ListFilter, type StatusEntry, type Store, storableChanges } from "@meridian/store";
import { compactLog } from "./compaction.ts";
import type { Sql, SqlEngine } from "./engine.ts";
import { GroupCommit } from "./group-commit.ts";
import { readComparison, readHistory, readResourceAt } from "./log-reads.ts";
import {
  countResources,
  readChanges,
  readMeta,
  readResource,
  readResources,
  readRevision,
  readRevisionInfo,
  readStatus,
  readStatuses,
} from "./reads.ts";
import { SqlError } from "./sql-errors.ts";
import { writeGroup } from "./write-group.ts";
import { removeStatus, writeStatus } from "./write-status.ts";

export interface SqlStoreParts {
  readonly engine: SqlEngine;
  readonly bus: Bus;
  /** The newest revision that this process knows of; also set by whoever hears of other replicas' commits. */
  readonly newest: Latest<Revision>;
  readonly clock: Clock;
}

/** The store on any SQL engine. The engine wraps errors, so nothing here does. */
export function createSqlStore({ engine, bus, newest, clock }: SqlStoreParts): Store {
  const now = (): string => new Date(clock.now()).toISOString();
  const read = <T>(work: (db: Sql) => Promise<T>): Promise<T> => engine.read(work);
  const groups = new GroupCommit(
    async (calls) => {
      const { newest: committed, outcomes } = await engine.write((db) => writeGroup(db, calls, now()));
      advance(newest, committed);
      return outcomes;
    },
    (error) => error instanceof SqlError,
  );

  return {
    bus,
    get: <S>(key: ResourceKey) => read((db) => readResource(db, key)) as Promise<Resource<S> | undefined>,
    list: <S>(kind: string, filter?: ListFilter) =>
      read((db) => readResources(db, kind, filter)) as Promise<readonly Resource<S>[]>,
    count: (kind, filter) => read((db) => countResources(db, kind, filter)),
    revision: () => read(readRevision),
    changes: (after, { maxRevisions = Number.MAX_SAFE_INTEGER } = {}) => read((db) => readChanges(db, after, maxRevisions)),
    revisionInfo: (revision) => read((db) => readRevisionInfo(db, revision)),
    history: (query = {}) => read((db) => readHistory(db, query)),
    getAt: <S>(key: ResourceKey, revision: Revision) =>
      read((db) => readResourceAt(db, key, revision)) as Promise<Resource<S> | undefined>,
    compare: (from, to, filter) => read((db) => readComparison(db, [from, to], filter)),
    watch: (signal) => newest.changes(signal),
    async commit(changes, author, options = {}) {
      return groups.submit({ changes: storableChanges(changes), author, meta: options.meta ?? {} });
    },
    meta: (name) => read((db) => readMeta(db, name)),
    compact: (revision) => compactLog(engine, revision),
    async close() {
      await groups.idle();
      await engine.close();
    },
    putStatus: (entries) => engine.update((db) => writeStatus(db, entries, now())),
    deleteStatus: (keys) => engine.update((db) => removeStatus(db, keys)),
    getStatus: <V>(key: ResourceKey) => read((db) => readStatus(db, key)) as Promise<StatusEntry<V> | undefined>,
    listStatus: <V>(kind: string, filter?: ListFilter) =>
      read((db) => readStatuses(db, kind, filter)) as Promise<readonly StatusEntry<V>[]>,
  };
}

/** What is heard comes in any order: a notification may arrive after our own newer commit. */
export function advance(newest: Latest<Revision>, heard: Revision): void {
  if (heard > newest.value) newest.set(heard);
}
