import type { ResourceKey, Revision } from "@meridian/model";
import { type Author, type Change, type ChangePage, type CommitResult, CompactedError, planCommit } from "@meridian/store";
import type { Environment } from "./environment.ts";
import { indexRevision, unindexRevision } from "./log-index.ts";
import { rowKey, storedEntry, storedResource, wholeEntry, wholeResource } from "./rows.ts";

/** Revisions removed in one transaction by a compaction: others write between two of them. */
const compactionStep = 500;

export interface CommitCall {
  readonly changes: readonly Change[];
  readonly author: Author;
  readonly meta: Readonly<Record<string, string | null>>;
  readonly time: string;
}

export function newestRevision({ position }: Environment): Revision {
  return position.get("newest") ?? 0;
}

/**
 * Runs inside a write transaction of lmdb, which is the lock under which revisions are handed out. Everything is decided before
 * anything is written, because a call that throws does not undo what it wrote: other calls share the transaction.
 */
export function commitInTransaction(environment: Environment, call: CommitCall): CommitResult {
  const { resources, log, position, meta } = environment;
  const newest = newestRevision(environment);
  const stamp = { revision: newest + 1, time: call.time };
  const plan = planCommit(call.changes, (key) => readResource(environment, key), stamp);
  for (const [name, value] of Object.entries(call.meta)) {
    if (value === null) meta.removeSync(name);
    else meta.putSync(name, value);
  }
  if (plan.entries.length === 0) return { revision: newest, outcomes: plan.outcomes };
  for (const { key, resource } of plan.entries) {
    if (resource === undefined) resources.removeSync(rowKey(key));
    else resources.putSync(rowKey(key), storedResource(resource));
  }
  indexRevision(environment, stamp.revision, plan.entries);
  log.putSync(stamp.revision, { info: { ...call.author, time: stamp.time }, entries: plan.entries.map(storedEntry) });
  position.putSync("newest", stamp.revision);
  return { revision: stamp.revision, outcomes: plan.outcomes };
}

export function readResource({ resources }: Environment, key: ResourceKey) {
  const stored = resources.get(rowKey(key));
  return stored && wholeResource(key, stored);
}

/** Synchronous, hence one snapshot. */
export function readChanges(environment: Environment, after: Revision, maxRevisions: number): ChangePage {
  const newest = newestRevision(environment);
  const compactedTo = environment.position.get("compactedTo") ?? 0;
  if (after < compactedTo || after > newest) throw new CompactedError(after, compactedTo + 1, newest);
  const lastRevision = Math.min(newest, after + maxRevisions);
  const range = environment.log.getRange({ start: after + 1, end: lastRevision + 1 });
  const entries = [...range].flatMap(({ key, value }) => value.entries.map((entry) => wholeEntry(key, entry)));
  return { entries, lastRevision };
}

/** First the border moves, so that no reader trusts the old part; then the records go, step by step. */
export async function compactLog(environment: Environment, upTo: Revision): Promise<void> {
  const { root, log, position } = environment;
  const border = await root.transaction(() => {
    const moved = Math.max(position.get("compactedTo") ?? 0, Math.min(upTo, newestRevision(environment)));
    position.putSync("compactedTo", moved);
    return moved;
  });
  let removed: number;
  do {
    removed = await root.transaction(() => {
      const records = [...log.getRange({ end: border + 1, limit: compactionStep })];
      for (const { key, value } of records) {
        unindexRevision(environment, key, value.entries);
        log.removeSync(key);
      }
      return records.length;
    });
  } while (removed > 0);
}
