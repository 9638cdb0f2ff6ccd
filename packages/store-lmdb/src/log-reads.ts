import type { Resource, ResourceKey, Revision } from "@meridian/model";
import {
  assertStateKnown,
  type ChangeEntry,
  compareStates,
  type HistoryPage,
  type HistoryQuery,
  historyOf,
  isUnstorableQuery,
  type LogFilter,
  type LogRecord,
  type NetChange,
  soughtKey,
  stateBefore,
} from "@meridian/store";
import type { Environment, StoredRevision } from "./environment.ts";
import { newestRevision, readResource } from "./log.ts";
import { revisionsBefore, revisionsOf } from "./log-index.ts";
import { wholeEntry } from "./rows.ts";

/** As `ResourceReader.history`. Synchronous, hence one snapshot. */
export function readHistory(environment: Environment, query: HistoryQuery): HistoryPage {
  const compactedTo = compactedToOf(environment);
  const before = Math.min(query.before ?? Number.POSITIVE_INFINITY, newestRevision(environment) + 1);
  if (isUnstorableQuery([query.kind, query.mesh, query.name])) return { revisions: [], compactedTo };
  return { revisions: historyOf(newestFirst(environment, query, before, compactedTo), query), compactedTo };
}

/** As `ResourceReader.getAt`. */
export function readResourceAt(environment: Environment, key: ResourceKey, revision: Revision): Resource | undefined {
  assertKnown(environment, revision);
  if (isUnstorableQuery([key.kind, key.mesh, key.name])) return undefined;
  return stateBefore(entriesAfter(environment, key, revision), key, readResource(environment, key));
}

/** As `ResourceReader.compare`. */
export function readComparison(
  environment: Environment,
  [from, to]: readonly [from: Revision, to: Revision],
  filter: LogFilter | undefined,
): readonly NetChange[] {
  assertKnown(environment, from);
  assertKnown(environment, to);
  const isReversed = from > to;
  return compareStates(entriesBetween(environment, Math.min(from, to), Math.max(from, to)), { filter, isReversed });
}

function compactedToOf({ position }: Environment): Revision {
  return position.get("compactedTo") ?? 0;
}

function assertKnown(environment: Environment, revision: Revision): void {
  assertStateKnown(revision, compactedToOf(environment), newestRevision(environment));
}

function* newestFirst(
  environment: Environment,
  query: HistoryQuery,
  before: Revision,
  compactedTo: Revision,
): Generator<LogRecord, void, void> {
  const { log } = environment;
  const key = soughtKey(query);
  if (key === undefined) {
    const range = log.getRange({ start: before - 1, end: compactedTo, reverse: true });
    for (const { key: revision, value } of range) yield recordOf(revision, value);
    return;
  }
  for (const revision of revisionsBefore(environment, key, before)) {
    // Not yet removed by a compaction under way.
    if (revision <= compactedTo) return;
    const stored = log.get(revision);
    if (stored) yield recordOf(revision, stored);
  }
}

function* entriesAfter(environment: Environment, key: ResourceKey, after: Revision): Generator<ChangeEntry, void, void> {
  for (const revision of revisionsOf(environment, key, after)) {
    for (const entry of environment.log.get(revision)?.entries ?? []) yield wholeEntry(revision, entry);
  }
}

/** Read as they are taken, so that a long stretch is never in memory as a whole. */
function* entriesBetween({ log }: Environment, after: Revision, to: Revision): Generator<ChangeEntry, void, void> {
  for (const { key: revision, value } of log.getRange({ start: after + 1, end: to + 1 })) {
    for (const entry of value.entries) yield wholeEntry(revision, entry);
  }
}

function recordOf(revision: Revision, { info, entries }: StoredRevision): LogRecord {
  return { info: { revision, ...info }, entries: entries.map((entry) => wholeEntry(revision, entry)) };
}
