import { Backoff, type Clock, delay, errorMessage, Latest, type Logger, systemClock } from "@meridian/base";
import type { Resource, ResourceKey, Revision } from "@meridian/model";
import { CompactedError, ConflictError, UnavailableError } from "../errors.ts";
import type { CommitResult, ListFilter, StatusEntry, Store } from "../store.ts";
import { KnownStatus } from "./known-status.ts";
import { Replica } from "./replica.ts";

export interface ReadCacheOptions {
  /** All kinds that reads may ask for, of resources and of statuses. */
  readonly kinds: readonly string[];
  readonly logger: Logger;
  /** For the time of statuses that could not be written; the system's when absent. */
  readonly clock?: Clock;
}

/**
 * A store whose reads of the present come from a copy in memory that follows the log: they cost no round trip, and go on while the
 * database is away. A process always reads its own writes; what another replica wrote shows as soon as its notification is here,
 * and every read can be asked for a revision at least as new. After a conflict the database answers, until the copy has caught up.
 * Writes are never taken into the copy first; they fail with UnavailableError while the database is away.
 */
export async function withReadCache(store: Store, options: ReadCacheOptions): Promise<Store> {
  const { kinds, logger, clock = systemClock } = options;
  const replica = new Replica();
  const statuses = new KnownStatus();
  const knownMeta = new Map<string, string | undefined>();
  const stop = new AbortController();
  /** The newest revision that this process has acknowledged to somebody, or met in a conflict. */
  let known: Revision = 0;

  await replica.load(store, kinds);
  for (const kind of kinds) statuses.learnAll(kind, await store.listStatus(kind));
  const advanced = new Latest<Revision>(replica.revision);
  const onAdvance = (): void => advanced.set(replica.revision);
  const following = follow(store, { replica, kinds, logger, signal: stop.signal, onAdvance });

  /** Reads the copy where it holds all that this process has acknowledged or was told of; else the database. */
  async function present<T>(fromCopy: () => T, read: () => Promise<T>): Promise<T> {
    return replica.revision >= known && !stop.signal.aborted ? fromCopy() : read();
  }

  /** `fallback` runs only while the database is away. */
  async function orFromCopy<T>(read: Promise<T>, fallback: () => T): Promise<T> {
    try {
      return await read;
    } catch (error) {
      if (!(error instanceof UnavailableError) || stop.signal.aborted) throw error;
      return fallback();
    }
  }

  return {
    bus: store.bus,
    get: <S>(key: ResourceKey) =>
      present(
        () => replica.state.get(key) as Resource<S> | undefined,
        () => store.get<S>(key),
      ),
    list: <S>(kind: string, filter?: ListFilter) =>
      present(
        () => replica.state.list(kind, filter) as readonly Resource<S>[],
        () => store.list<S>(kind, filter),
      ),
    count: (kind, filter) =>
      present(
        () => replica.state.count(kind, filter),
        () => store.count(kind, filter),
      ),
    revision: () =>
      present(
        () => replica.revision,
        () => store.revision(),
      ),
    changes: (after, page = {}) => {
      const fromTail = () => replica.changes(after, page.maxRevisions);
      return replica.covers(after)
        ? present(fromTail, () => store.changes(after, page))
        : orFromCopy(store.changes(after, page), fromTail);
    },
    revisionInfo: (revision) => store.revisionInfo(revision),
    // The past is only in the database: the copy holds the present.
    history: (query) => store.history(query),
    getAt: (key, revision) => store.getAt(key, revision),
    compare: (from, to, filter) => store.compare(from, to, filter),
    // Wakes once the copy has what it tells of, so that whoever is woken finds it there.
    async *watch(signal) {
      for await (const revision of advanced.changes(signal)) if (revision >= known) yield revision;
    },
    async commit(changes, author, commitOptions) {
      let result: CommitResult;
      try {
        result = await store.commit(changes, author, commitOptions);
      } catch (error) {
        // The copy was older than what decided: whoever tries again must see that.
        if (error instanceof ConflictError) known = Math.max(known, await store.revision());
        throw error;
      }
      known = Math.max(known, result.revision);
      // Sooner than the notification; what fails here is caught up by it.
      if (replica.appendNext(result)) onAdvance();
      else replica.catchUp(store).then(onAdvance, () => {});
      for (const [name, value] of Object.entries(commitOptions?.meta ?? {})) knownMeta.set(name, value ?? undefined);
      return result;
    },
    async meta(name) {
      const value = await orFromCopy(store.meta(name), () => {
        if (!knownMeta.has(name)) throw new UnavailableError(`the database is away, and \`${name}\` was never read before`);
        return knownMeta.get(name);
      });
      knownMeta.set(name, value);
      return value;
    },
    async compact(revision) {
      await store.compact(revision);
      replica.forget(revision);
    },
    async close() {
      stop.abort();
      await following;
      await store.close();
    },
    async putStatus(entries) {
      const modificationTime = new Date(clock.now()).toISOString();
      // Known here even where it cannot be written: it is what this process observes itself.
      statuses.learn(entries.map((entry) => ({ ...entry, modificationTime })));
      await store.putStatus(entries);
    },
    async deleteStatus(keys) {
      statuses.forget(keys);
      await store.deleteStatus(keys);
    },
    async getStatus<V>(key: ResourceKey) {
      const fallback = () => statuses.get(key) as StatusEntry<V> | undefined;
      return orFromCopy(store.getStatus<V>(key), fallback);
    },
    async listStatus<V>(kind: string, filter?: ListFilter) {
      const fallback = () => statuses.list(kind, filter) as readonly StatusEntry<V>[];
      const entries = await orFromCopy(store.listStatus<V>(kind, filter), fallback);
      if (filter === undefined || Object.keys(filter).length === 0) statuses.learnAll(kind, entries);
      return entries;
    },
  };
}

interface Following {
  readonly replica: Replica;
  readonly kinds: readonly string[];
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onAdvance: () => void;
}

/** Keeps the copy at the end of the log until `signal` aborts. */
async function follow(store: Store, { replica, kinds, logger, signal, onAdvance }: Following): Promise<void> {
  const backoff = new Backoff({ initialMs: 50, maxMs: 2_000 });
  let mustLoad = false;
  for await (const _ of store.watch(signal)) {
    // Retried until it succeeds: the revision that nudged is not announced a second time.
    for (let done = false; !done && !signal.aborted; ) {
      try {
        await (mustLoad ? replica.load(store, kinds) : replica.catchUp(store));
        mustLoad = false;
        done = true;
        onAdvance();
        backoff.reset();
      } catch (error) {
        mustLoad ||= error instanceof CompactedError;
        if (!(error instanceof CompactedError)) {
          logger.debug({ reason: errorMessage(error) }, "the copy of the resources could not follow the log");
          await delay(backoff.nextDelayMs(), signal);
        }
      }
    }
  }
}
