export { assertPublishable, LocalBus } from "./bus.ts";
export { assertStorableKey, isUnstorableQuery, keyId, keyOf, plainJson, storableInput } from "./content.ts";
export { CurrentState } from "./current-state.ts";
export { assertStateKnown, CompactedError, ConflictError, UnavailableError } from "./errors.ts";
export { lockDirectory } from "./lock-directory.ts";
export {
  compareStates,
  historyChange,
  historyOf,
  type LogRecord,
  matchesLog,
  netChanges,
  type StateEnds,
  soughtKey,
  stateBefore,
} from "./log-reads.ts";
export { createMemoryStore, type MemoryStoreOptions } from "./memory.ts";
export { type CommitPlan, type CommitStamp, changedKey, planCommit, storableChanges } from "./plan.ts";
export { type ReadCacheOptions, withReadCache } from "./read-cache/with-read-cache.ts";
export { matchesFilter } from "./sorted-table.ts";
export type {
  Author,
  Bus,
  Change,
  ChangeEntry,
  ChangePage,
  CommitOptions,
  CommitResult,
  HistoryChange,
  HistoryPage,
  HistoryQuery,
  HistoryRevision,
  ListFilter,
  LogFilter,
  NetChange,
  ResourceReader,
  ResourceStore,
  RevisionInfo,
  StatusEntry,
  StatusStore,
  Store,
} from "./store.ts";
