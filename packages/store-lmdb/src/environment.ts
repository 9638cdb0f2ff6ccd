import type { Resource, Revision } from "@meridian/model";
import type { ChangeEntry, RevisionInfo } from "@meridian/store";
import { type Database, open } from "lmdb";

/** Kind, mesh, name: lmdb keeps keys in this order, part by part, so a listing is a walk. */
export type RowKey = [kind: string, mesh: string, name: string];

/** Which revisions changed a resource: a history is a walk too. The three parts have at most 1,800 bytes, see `assertStorableKey`. */
export type IndexKey = [...RowKey, revision: Revision];

/** What is stored under a key does not repeat the key. */
export type StoredResource = Omit<Resource, "kind" | "mesh" | "name">;

export interface StoredStatus {
  readonly value: unknown;
  readonly modificationTime: string;
}

/** A whole revision is one record: a reader cannot see half of it. */
export interface StoredRevision {
  readonly info: Omit<RevisionInfo, "revision">;
  readonly entries: readonly StoredEntry[];
}

export interface StoredEntry extends Pick<ChangeEntry, "op" | "key"> {
  readonly resource?: StoredResource;
  readonly previous?: StoredResource;
}

/** Several tables in one environment: one transaction covers them all. */
export interface Environment {
  readonly root: ReturnType<typeof open>;
  readonly resources: Database<StoredResource, RowKey>;
  readonly log: Database<StoredRevision, Revision>;
  /** Every key of every revision of the log, without a value of interest. */
  readonly logIndex: Database<1, IndexKey>;
  /** `newest` and `compactedTo`: where the log ends and begins. `indexedTo`: the revisions up to it are in the index, if they exist. */
  readonly position: Database<Revision, "newest" | "compactedTo" | "indexedTo">;
  readonly meta: Database<string, string>;
  readonly status: Database<StoredStatus, RowKey>;
}

/** The map grows by itself; what is not read stays on disk, so the process stays small however much it holds. */
export function openEnvironment(path: string): Environment {
  // Plain msgpack maps: lmdb's shared record structures save little here and would be one more thing that must fit together.
  const encoding = { encoding: "msgpack", encoder: { useRecords: false }, useRecords: false } as const;
  const root = open({ path, noSubdir: false, maxDbs: 8, ...encoding });
  return {
    root,
    resources: root.openDB("resources", encoding),
    log: root.openDB("log", encoding),
    logIndex: root.openDB("log-index", encoding),
    position: root.openDB("position", encoding),
    meta: root.openDB("meta", encoding),
    status: root.openDB("status", encoding),
  };
}
