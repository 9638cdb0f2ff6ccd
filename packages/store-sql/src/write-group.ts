import type { Resource, ResourceKey, Revision } from "@meridian/model";
import {
  type Author,
  type Change,
  type ChangeEntry,
  type CommitPlan,
  type CommitResult,
  ConflictError,
  changedKey,
  keyId,
  planCommit,
  type RevisionInfo,
} from "@meridian/store";
import { sql } from "drizzle-orm";
import type { Sql } from "./engine.ts";
import { resourceFromRow } from "./rows.ts";
import { logPosition, resources } from "./schema.ts";
import { unnestRows } from "./unnest.ts";
import { type PlannedGroup, writePlanned } from "./write-planned.ts";

/** One call of `commit`, checked and copied. */
export interface CommitCall {
  readonly changes: readonly Change[];
  readonly author: Author;
  readonly meta: Readonly<Record<string, string | null>>;
}

/** A failed expectation is that call's outcome; the others of the group go on. */
export type CallOutcome = { readonly result: CommitResult } | { readonly conflict: ConflictError };

export interface GroupOutcome {
  readonly newest: Revision;
  /** One per call, in order. */
  readonly outcomes: readonly CallOutcome[];
}

/**
 * Writes several commits in one transaction; the caller holds the lock. Three statements for any number of calls and changes:
 * read what they touch, decide in memory with the rules all drivers share, write what came out.
 */
export async function writeGroup(db: Sql, calls: readonly CommitCall[], time: string): Promise<GroupOutcome> {
  const { newest, current } = await readCurrent(db, calls);
  const { outcomes, planned } = planGroup(calls, { newest, current, time });
  if (planned.entries.length > 0 || planned.meta.size > 0) await writePlanned(db, planned);
  return { newest: planned.newest, outcomes };
}

interface CurrentRows {
  readonly newest: Revision;
  readonly current: ReadonlyMap<string, Resource>;
}

async function readCurrent(db: Sql, calls: readonly CommitCall[]): Promise<CurrentRows> {
  const keys = new Map(calls.flatMap((call) => call.changes.map(changedKey)).map((key) => [keyId(key), key]));
  const wanted = unnestRows([...keys.values()].map(keyCells), ["kind", "mesh", "name"]);
  const found = await db
    .select({ newest: logPosition.newest, resource: resources })
    .from(logPosition)
    .leftJoin(wanted, sql`true`)
    .leftJoin(resources, sql`${resources.kind} = rows.kind and ${resources.mesh} = rows.mesh and ${resources.name} = rows.name`);
  const rows = found.flatMap(({ resource }) => resource ?? []);
  return { newest: found[0]?.newest ?? 0, current: new Map(rows.map((row) => [keyId(row), resourceFromRow(row)])) };
}

function keyCells({ kind, mesh, name }: ResourceKey) {
  return { kind, mesh, name };
}

function planGroup(calls: readonly CommitCall[], start: CurrentRows & { readonly time: string }) {
  const state = new Map<string, { readonly key: ResourceKey; readonly resource: Resource | undefined }>();
  const meta = new Map<string, string | null>();
  const revisions: RevisionInfo[] = [];
  const entries: ChangeEntry[] = [];
  let { newest } = start;

  function current(key: ResourceKey): Resource | undefined {
    const id = keyId(key);
    const written = state.get(id);
    return written === undefined ? start.current.get(id) : written.resource;
  }

  const outcomes = calls.map((call): CallOutcome => {
    const plan = planOrConflict(call, current, { revision: newest + 1, time: start.time });
    if ("conflict" in plan) return plan;
    for (const [name, value] of Object.entries(call.meta)) meta.set(name, value);
    if (plan.entries.length > 0) {
      newest += 1;
      revisions.push({ ...call.author, revision: newest, time: start.time });
      for (const entry of plan.entries) state.set(keyId(entry.key), { key: entry.key, resource: entry.resource });
      entries.push(...plan.entries);
    }
    const { outcomes: done, entries: logged } = plan;
    return { result: { revision: newest, outcomes: done, ...(logged.length > 0 && { entries: logged }) } };
  });
  const planned: PlannedGroup = { newest, revisions, entries, state, meta };
  return { outcomes, planned };
}

function planOrConflict(
  call: CommitCall,
  current: (key: ResourceKey) => Resource | undefined,
  stamp: { readonly revision: Revision; readonly time: string },
): CommitPlan | { readonly conflict: ConflictError } {
  try {
    return planCommit(call.changes, current, stamp);
  } catch (error) {
    if (error instanceof ConflictError) return { conflict: error };
    throw error;
  }
}
