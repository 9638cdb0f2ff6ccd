import { compareKeys, type Resource, type ResourceKey } from "@meridian/model";
import { equalContent, keyId, keyOf } from "./content.ts";
import type { ChangeEntry, HistoryChange, HistoryQuery, HistoryRevision, LogFilter, NetChange, RevisionInfo } from "./store.ts";

/** One revision of the log, whole. */
export interface LogRecord {
  readonly info: RevisionInfo;
  readonly entries: readonly ChangeEntry[];
}

export function matchesLog(key: ResourceKey, { kind, mesh, name }: LogFilter): boolean {
  return (
    (kind === undefined || key.kind === kind) &&
    (mesh === undefined || key.mesh === mesh) &&
    (name === undefined || key.name === name)
  );
}

/** The key that a filter names, if it names a single one. */
export function soughtKey({ kind, mesh, name }: LogFilter): ResourceKey | undefined {
  return kind === undefined || mesh === undefined || name === undefined ? undefined : { kind, mesh, name };
}

export function historyChange(entry: ChangeEntry, withContent = false): HistoryChange {
  const outcome = entry.op === "delete" ? "deleted" : entry.previous === undefined ? "created" : "updated";
  const { resource, previous } = entry;
  const content = withContent ? { ...(resource && { resource }), ...(previous && { previous }) } : {};
  return { outcome, key: keyOf(entry.key), ...content };
}

/** What `history` answers, of records newest first; takes no more of them than it needs. For drivers that walk their log. */
export function historyOf(records: Iterable<LogRecord>, query: HistoryQuery): readonly HistoryRevision[] {
  const { limit = Number.POSITIVE_INFINITY, withContent = false } = query;
  const revisions: HistoryRevision[] = [];
  if (limit <= 0) return revisions;
  for (const { info, entries } of records) {
    const changes = entries.filter(({ key }) => matchesLog(key, query)).map((entry) => historyChange(entry, withContent));
    if (changes.length === 0) continue;
    revisions.push({ ...info, changes });
    if (revisions.length >= limit) break;
  }
  return revisions;
}

/** The first entry of a key after a revision says what it was then; none: it is what it is now. */
export function stateBefore(
  entries: Iterable<ChangeEntry>,
  key: ResourceKey,
  current: Resource | undefined,
): Resource | undefined {
  const id = keyId(key);
  for (const entry of entries) if (keyId(entry.key) === id) return entry.previous;
  return current;
}

/** What `compare` answers, of the entries between the earlier revision and the later one, ascending. */
export function compareStates(
  entries: Iterable<ChangeEntry>,
  { filter = {}, isReversed = false }: { readonly filter?: LogFilter | undefined; readonly isReversed?: boolean },
): readonly NetChange[] {
  const ends = new Map<string, StateEnds>();
  for (const { key, previous, resource } of entries) {
    if (!matchesLog(key, filter)) continue;
    const id = keyId(key);
    const known = ends.get(id);
    ends.set(id, { key, first: known ? known.first : previous, last: resource });
  }
  return netChanges(ends.values(), isReversed);
}

/** What a resource was before a stretch of the log, and after it. */
export interface StateEnds {
  readonly key: ResourceKey;
  readonly first: Resource | undefined;
  readonly last: Resource | undefined;
}

/** Drops what ends as it began, sorts the rest. */
export function netChanges(ends: Iterable<StateEnds>, isReversed: boolean): readonly NetChange[] {
  const changes: NetChange[] = [];
  for (const { key, first, last } of ends) {
    const isSame = first !== undefined && last !== undefined ? equalContent(first, last) : first === last;
    if (isSame) continue;
    const [before, after] = isReversed ? [last, first] : [first, last];
    changes.push({ key: keyOf(key), ...(before && { before }), ...(after && { after }) });
  }
  return changes.sort((a, b) => compareKeys(a.key, b.key));
}
