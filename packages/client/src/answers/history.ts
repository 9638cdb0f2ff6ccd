import type { Revision } from "@meridian/model";
import type { ResourceAnswer } from "./resources.ts";

/** One change of a revision, or what a rollback did to one resource. */
export interface ResourceChangeAnswer {
  readonly outcome: "created" | "updated" | "unchanged" | "deleted" | "absent";
  readonly type: string;
  readonly mesh?: string;
  readonly name: string;
}

export interface HistoryChangeAnswer extends ResourceChangeAnswer {
  readonly op: "put" | "delete";
  /** What an update changed, where one resource was asked for; values as short text. */
  readonly fields?: readonly { readonly path: string; readonly before?: string; readonly after?: string }[];
  readonly fieldCount?: number;
}

export interface RevisionAnswer {
  readonly revision: Revision;
  readonly time: string;
  readonly author: string;
  readonly address?: string;
  readonly message?: string;
}

export interface HistoryEntryAnswer extends RevisionAnswer {
  /** The first of them; `changeCount` says how many there are. */
  readonly changes: readonly HistoryChangeAnswer[];
  readonly changeCount: number;
}

export interface HistoryAnswer {
  readonly items: readonly HistoryEntryAnswer[];
  /** `before` of the next page; null when the log holds nothing older. */
  readonly before: Revision | null;
  /** The log begins after this revision. */
  readonly compactedTo: Revision;
}

export interface ResourceDiffAnswer extends ResourceChangeAnswer {
  /** Unified diff of the YAML. */
  readonly diff: string;
}

export interface DiffAnswer {
  readonly from: Revision;
  readonly to: Revision;
  readonly total: number;
  readonly items: readonly ResourceDiffAnswer[];
  readonly nextOffset: number | null;
}

export interface RollbackRequest {
  readonly revision: Revision;
  readonly only?: readonly { readonly type: string; readonly mesh?: string; readonly name: string }[];
  readonly dryRun?: boolean;
  readonly message?: string;
}

export interface RollbackAnswer {
  /** The revision that the rollback made; the newest one where nothing had to change. */
  readonly revision: Revision;
  readonly restored: Revision;
  readonly undoneTo: Revision;
  readonly results: readonly ResourceChangeAnswer[];
  readonly leftAlone: readonly { readonly type: string; readonly reason: string; readonly count: number }[];
  readonly warnings?: readonly string[];
  readonly dryRun?: boolean;
  /** Only of a dry run. */
  readonly diffs?: readonly ResourceDiffAnswer[];
}

/** A line of the change feed; author and time are absent where the log forgot them just then. */
export interface FeedChange extends HistoryChangeAnswer, Partial<RevisionAnswer> {
  readonly revision: Revision;
  readonly resource?: ResourceAnswer;
}

/** `lastRevision`: everything up to it was sent; the place to resume from. */
export type FeedLine = { readonly change: FeedChange } | { readonly lastRevision: Revision };
