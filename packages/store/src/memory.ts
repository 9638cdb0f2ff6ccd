import { type Clock, Latest } from "@meridian/base";
import type { Resource, ResourceKey, Revision } from "@meridian/model";
import { LocalBus } from "./bus.ts";
import { CurrentState } from "./current-state.ts";
import { UnavailableError } from "./errors.ts";
import { compareStates, historyOf, stateBefore } from "./log-reads.ts";
import { MemoryLog } from "./memory-log.ts";
import { createMemoryStatus } from "./memory-status.ts";
import { planCommit, storableChanges } from "./plan.ts";
import type { ListFilter, StatusEntry, Store } from "./store.ts";

export interface MemoryStoreOptions {
  readonly clock: Clock;
}

/**
 * The store without a database: for unit tests, and the model that the conformance suite compares drivers with. What it hands out
 * is frozen, so that a test finds the code that writes to shared resources.
 */
export function createMemoryStore({ clock }: MemoryStoreOptions): Store {
  const state = new CurrentState();
  const status = createMemoryStatus(clock);
  const meta = new Map<string, string>();
  const newest = new Latest<Revision>(0);
  const log = new MemoryLog();
  let closed = false;

  function assertOpen(): void {
    if (closed) throw new UnavailableError("the store is closed");
  }

  return {
    bus: new LocalBus(),
    async get<S>(key: ResourceKey) {
      assertOpen();
      return state.get(key) as Resource<S> | undefined;
    },
    async list<S>(kind: string, filter?: ListFilter) {
      assertOpen();
      return state.list(kind, filter) as readonly Resource<S>[];
    },
    async count(kind, filter) {
      assertOpen();
      return state.count(kind, filter);
    },
    async revision() {
      assertOpen();
      return newest.value;
    },
    async changes(after, { maxRevisions = Number.POSITIVE_INFINITY } = {}) {
      assertOpen();
      const records = log.after(after, maxRevisions);
      return { entries: records.flatMap((record) => record.entries), lastRevision: after + records.length };
    },
    async revisionInfo(revision) {
      assertOpen();
      return log.at(revision)?.info;
    },
    async history(query = {}) {
      assertOpen();
      const records = log.newestFirst(query, query.before ?? Number.POSITIVE_INFINITY);
      return { revisions: historyOf(records, query), compactedTo: log.compactedTo };
    },
    async getAt<S>(key: ResourceKey, revision: Revision) {
      assertOpen();
      log.assertStateKnown(revision);
      return stateBefore(log.entriesOf(key, revision), key, state.get(key)) as Resource<S> | undefined;
    },
    async compare(from, to, filter) {
      assertOpen();
      log.assertStateKnown(from);
      log.assertStateKnown(to);
      return compareStates(log.entriesBetween(Math.min(from, to), Math.max(from, to)), { filter, isReversed: from > to });
    },
    watch: (signal) => newest.changes(signal),
    async commit(changes, author, options = {}) {
      assertOpen();
      const storable = storableChanges(changes);
      const stamp = { revision: newest.value + 1, time: new Date(clock.now()).toISOString() };
      const plan = planCommit(storable, (key) => state.get(key), stamp);
      for (const [name, value] of Object.entries(options.meta ?? {})) {
        if (value === null) meta.delete(name);
        else meta.set(name, value);
      }
      if (plan.entries.length === 0) return { revision: newest.value, outcomes: plan.outcomes };
      plan.entries.forEach(deepFreeze);
      state.apply(plan.entries);
      log.append({ info: { ...author, ...stamp }, entries: plan.entries });
      newest.set(stamp.revision);
      return { revision: stamp.revision, outcomes: plan.outcomes, entries: plan.entries };
    },
    async meta(name) {
      assertOpen();
      return meta.get(name);
    },
    async compact(revision) {
      assertOpen();
      log.compact(revision);
    },
    async close() {
      closed = true;
    },
    async putStatus(entries) {
      assertOpen();
      status.put(entries);
    },
    async deleteStatus(keys) {
      assertOpen();
      status.delete(keys);
    },
    async getStatus<V>(key: ResourceKey) {
      assertOpen();
      return status.get(key) as StatusEntry<V> | undefined;
    },
    async listStatus<V>(kind: string, filter?: ListFilter) {
      assertOpen();
      return status.list(kind, filter) as readonly StatusEntry<V>[];
    },
  };
}

function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
}
