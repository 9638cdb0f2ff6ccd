import type { Labels, Resource, ResourceInput, ResourceKey, Revision } from "@meridian/model";

export interface ListFilter {
  readonly mesh?: string;
  /** Substring of the name. */
  readonly namePart?: string;
  /** Every label must be there with this value. */
  readonly labels?: Labels;
  /** Only what sorts after this (mesh, name): keyset paging, constant memory. */
  readonly after?: { readonly mesh: string; readonly name: string };
  readonly limit?: number;
}

/** One step of the change log. */
export interface ChangeEntry {
  readonly revision: Revision;
  readonly op: "put" | "delete";
  readonly key: ResourceKey;
  /** What the resource became; absent on delete. */
  readonly resource?: Resource;
  /** What it was; absent when it is new. */
  readonly previous?: Resource;
}

export interface RevisionInfo extends Author {
  readonly revision: Revision;
  /** RFC 3339. */
  readonly time: string;
}

export interface ChangePage {
  /** Ascending, whole revisions only. */
  readonly entries: readonly ChangeEntry[];
  /** Continue after this revision. Equal to the store's revision when nothing is left. */
  readonly lastRevision: Revision;
}

/** Which part of the log a reader asks for; exact, absent means all. `mesh` is "" for kinds of global scope. */
export interface LogFilter {
  readonly kind?: string;
  readonly mesh?: string;
  readonly name?: string;
}

export interface HistoryQuery extends LogFilter {
  /** Only older revisions. */
  readonly before?: Revision;
  /** How many revisions at most. */
  readonly limit?: number;
  /** With what each resource was and became; else only that it changed, which costs less. Default false. */
  readonly withContent?: boolean;
}

export interface HistoryChange {
  readonly outcome: "created" | "updated" | "deleted";
  readonly key: ResourceKey;
  /** As in `ChangeEntry`; only `withContent`. */
  readonly resource?: Resource;
  readonly previous?: Resource;
}

/** A revision with those of its changes that were asked for; at least one. */
export interface HistoryRevision extends RevisionInfo {
  readonly changes: readonly HistoryChange[];
}

export interface HistoryPage {
  /** Newest first. */
  readonly revisions: readonly HistoryRevision[];
  /** The log holds revisions after this one only: states are known as of it and later. 0: nothing was ever compacted. */
  readonly compactedTo: Revision;
}

/** How one resource differs between two revisions, whatever happened between. At least one of both is there. */
export interface NetChange {
  readonly key: ResourceKey;
  /** Absent: it did not exist at the first revision. */
  readonly before?: Resource;
  /** Absent: it does not exist at the second one. */
  readonly after?: Resource;
}

export interface ResourceReader {
  get<S = unknown>(key: ResourceKey): Promise<Resource<S> | undefined>;
  /** Sorted by mesh, name (code units), so that a result can be hashed or compared as it is. */
  list<S = unknown>(kind: string, filter?: ListFilter): Promise<readonly Resource<S>[]>;
  /** How many `list` would give without `after` and `limit`. */
  count(kind: string, filter?: ListFilter): Promise<number>;
  /** The newest committed revision; 0 in an empty store. */
  revision(): Promise<Revision>;
  /**
   * The log after a revision. @throws CompactedError if the log no longer reaches back so far (read everything again), or if
   * `after` is newer than the store (another history).
   */
  changes(after: Revision, options?: { readonly maxRevisions?: number }): Promise<ChangePage>;
  revisionInfo(revision: Revision): Promise<RevisionInfo | undefined>;
  /** Who changed what, newest first. Cheap for one resource (kind, mesh and name given) however long the log is. */
  history(query?: HistoryQuery): Promise<HistoryPage>;
  /**
   * The resource as of a revision. @throws CompactedError if the log does not reach back so far, or if the revision does not exist
   * yet.
   */
  getAt<S = unknown>(key: ResourceKey, revision: Revision): Promise<Resource<S> | undefined>;
  /**
   * What differs between the states of two revisions, sorted by kind, mesh, name; equal content (labels, spec, status) does not
   * count. `from` may be the later one. @throws CompactedError as `getAt`, for either.
   */
  compare(from: Revision, to: Revision, filter?: LogFilter): Promise<readonly NetChange[]>;
  /**
   * Yields the newest revision: once at the start, then whenever it may have advanced. Bursts merge. It is only a nudge: read
   * `changes` for the truth. Survives a lost connection to the database by itself. Ends when `signal` aborts.
   */
  watch(signal: AbortSignal): AsyncIterable<Revision>;
}

/** Who writes: goes into the log with every revision. */
export interface Author {
  readonly author: string;
  readonly address?: string;
  readonly message?: string;
}

export type Change =
  | {
      readonly op: "put";
      readonly resource: ResourceInput;
      /** Absent: last write wins. `"absent"`: must not exist yet. A revision: must still be that version. */
      readonly expect?: Revision | "absent";
      /** RFC 3339: when it was created in the store that it is a copy of. Absent: when it was first put into this one. */
      readonly creationTime?: string;
    }
  | { readonly op: "delete"; readonly key: ResourceKey; readonly expect?: Revision };

export interface CommitResult {
  /** The new revision; the store's current one when nothing changed. */
  readonly revision: Revision;
  /** Per change, in order. `unchanged`: equal content (labels, spec, status, a given creation time), nothing written. `absent`: nothing to delete. */
  readonly outcomes: readonly ("created" | "updated" | "unchanged" | "deleted" | "absent")[];
  /** What went into the log, where the driver has it at hand: a copy that stands just before need not read it again. */
  readonly entries?: readonly ChangeEntry[];
}

export interface CommitOptions {
  /** Small facts kept in the same transaction (a KDS cursor, a digest). `null` removes. */
  readonly meta?: Readonly<Record<string, string | null>>;
}

export interface ResourceStore extends ResourceReader {
  /**
   * All or nothing, one revision; durable when the promise resolves.
   * @throws ConflictError if any expectation fails (reread, decide again); UnavailableError if the database cannot be reached
   * (nothing was acknowledged; a retry can help).
   */
  commit(changes: readonly Change[], author: Author, options?: CommitOptions): Promise<CommitResult>;
  meta(name: string): Promise<string | undefined>;
  /** Drops log entries up to and including `revision`; current resources stay. */
  compact(revision: Revision): Promise<void>;
  close(): Promise<void>;
}

/** Status and insights: outside the log, last write wins, no history (design decision 1). */
export interface StatusStore {
  putStatus(entries: readonly StatusEntry[]): Promise<void>;
  deleteStatus(keys: readonly ResourceKey[]): Promise<void>;
  getStatus<V = unknown>(key: ResourceKey): Promise<StatusEntry<V> | undefined>;
  /** Sorted by mesh, name. */
  listStatus<V = unknown>(kind: string, filter?: ListFilter): Promise<readonly StatusEntry<V>[]>;
}

export interface StatusEntry<V = unknown> {
  readonly key: ResourceKey;
  readonly value: V;
  /** RFC 3339; set by the store on write. */
  readonly modificationTime?: string;
}

/** Best-effort messages between the replicas of one control plane (NOTIFY on Postgres, in process elsewhere). Never the truth. */
export interface Bus {
  /** `payload` at most 7,500 bytes (Postgres NOTIFY allows 8,000). Also delivered to the sender's own subscribers. */
  publish(topic: string, payload: string): Promise<void>;
  subscribe(topic: string, listener: (payload: string) => void): () => void;
}

/** What a driver provides; one conformance suite runs against each. */
export interface Store extends ResourceStore, StatusStore {
  readonly bus: Bus;
}
