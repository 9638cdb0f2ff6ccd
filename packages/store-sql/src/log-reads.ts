import type { Resource, ResourceKey, Revision } from "@meridian/model";
import {
  assertStateKnown,
  type HistoryChange,
  type HistoryPage,
  type HistoryQuery,
  type HistoryRevision,
  isUnstorableQuery,
  keyOf,
  type LogFilter,
  type NetChange,
  netChanges,
} from "@meridian/store";
import { and, asc, desc, eq, gt, lt, lte, type SQL, sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import type { Sql } from "./engine.ts";
import { isKey } from "./reads.ts";
import { resourceFromRow, revisionInfoFromRow, wholeResource } from "./rows.ts";
import { changeLog, logPosition, resources, revisions } from "./schema.ts";

// Each read is one statement, hence one snapshot: what it finds fits the position that is read with it, whatever is compacted or
// written meanwhile. `on true` joins the one row of the position with what there is, which may be nothing.
const always = sql`true`;

/** As `ResourceReader.history`. */
export async function readHistory(db: Sql, query: HistoryQuery): Promise<HistoryPage> {
  const { before = Number.MAX_SAFE_INTEGER, limit = Number.MAX_SAFE_INTEGER, withContent = false } = query;
  const wanted = and(
    isOfLog(query),
    lt(changeLog.revision, before),
    // Rows up to there are on their way out.
    sql`${changeLog.revision} > (select ${logPosition.compactedTo} from ${logPosition})`,
  );
  const chosen = db
    .selectDistinct({ revision: changeLog.revision })
    .from(changeLog)
    .where(wanted)
    .orderBy(desc(changeLog.revision))
    .limit(Math.max(limit, 0))
    .as("chosen");
  const content = (column: AnyPgColumn) => (withContent ? sql<unknown>`${column}` : sql<unknown>`null`);
  const rows = await db
    .select({
      compactedTo: logPosition.compactedTo,
      info: revisions,
      change: { op: changeLog.op, kind: changeLog.kind, mesh: changeLog.mesh, name: changeLog.name },
      isNew: sql<boolean>`${changeLog.previous} is null`,
      resource: content(changeLog.resource),
      previous: content(changeLog.previous),
    })
    .from(logPosition)
    .leftJoin(chosen, always)
    .leftJoin(revisions, eq(revisions.revision, chosen.revision))
    .leftJoin(changeLog, and(eq(changeLog.revision, chosen.revision), isOfLog(query)))
    .orderBy(desc(chosen.revision), asc(changeLog.ordinal));
  return { revisions: groupByRevision(rows), compactedTo: rows[0]?.compactedTo ?? 0 };
}

interface HistoryRow {
  readonly info: typeof revisions.$inferSelect | null;
  readonly change: (ResourceKey & { readonly op: "put" | "delete" }) | null;
  readonly isNew: boolean;
  readonly resource: unknown;
  readonly previous: unknown;
}

function groupByRevision(rows: readonly HistoryRow[]): readonly HistoryRevision[] {
  const found: (HistoryRevision & { readonly changes: HistoryChange[] })[] = [];
  for (const { info, change, isNew, ...content } of rows) {
    if (!info || !change) continue;
    if (found.at(-1)?.revision !== info.revision) found.push({ ...revisionInfoFromRow(info), changes: [] });
    const outcome = change.op === "delete" ? "deleted" : isNew ? "created" : "updated";
    const resource = wholeResource(change, content.resource);
    const previous = wholeResource(change, content.previous);
    const states = { ...(resource && { resource }), ...(previous && { previous }) };
    found.at(-1)?.changes.push({ outcome, key: keyOf(change), ...states });
  }
  return found;
}

/** As `ResourceReader.getAt`: the first change of the key after the revision says what it was before. */
export async function readResourceAt(db: Sql, key: ResourceKey, revision: Revision): Promise<Resource | undefined> {
  const next = db
    .select({ revision: changeLog.revision, previous: changeLog.previous })
    .from(changeLog)
    .where(and(isOfLog(key), gt(changeLog.revision, revision)))
    .orderBy(asc(changeLog.revision), asc(changeLog.ordinal))
    .limit(1)
    .as("next");
  const [row] = await db
    .select({ position: logPosition, changedAt: next.revision, previous: next.previous, current: resources })
    .from(logPosition)
    .leftJoin(next, always)
    .leftJoin(resources, isKey(resources, key));
  assertStateKnown(revision, row?.position.compactedTo ?? 0, row?.position.newest ?? 0);
  if (row && row.changedAt !== null) return wholeResource(key, row.previous);
  return row?.current ? resourceFromRow(row.current) : undefined;
}

/** As `ResourceReader.compare`. Only both ends of each key are read, however often it changed between. */
export async function readComparison(
  db: Sql,
  [from, to]: readonly [from: Revision, to: Revision],
  filter: LogFilter = {},
): Promise<readonly NetChange[]> {
  const between = and(gt(changeLog.revision, Math.min(from, to)), lte(changeLog.revision, Math.max(from, to)));
  const wanted = and(between, isOfLog(filter));
  const keyColumns = { kind: changeLog.kind, mesh: changeLog.mesh, name: changeLog.name };
  const byKey = [changeLog.kind, changeLog.mesh, changeLog.name] as const;
  const first = db
    .selectDistinctOn([...byKey], { ...keyColumns, state: changeLog.previous })
    .from(changeLog)
    .where(wanted)
    .orderBy(...byKey, asc(changeLog.revision), asc(changeLog.ordinal))
    .as("first_states");
  const last = db
    .selectDistinctOn([...byKey], { ...keyColumns, state: changeLog.resource })
    .from(changeLog)
    .where(wanted)
    .orderBy(...byKey, desc(changeLog.revision), desc(changeLog.ordinal))
    .as("last_states");
  const rows = await db
    .select({ position: logPosition, kind: first.kind, mesh: first.mesh, name: first.name, first: first.state, last: last.state })
    .from(logPosition)
    .leftJoin(first, always)
    .leftJoin(last, and(eq(last.kind, first.kind), eq(last.mesh, first.mesh), eq(last.name, first.name)));
  for (const revision of [from, to]) {
    assertStateKnown(revision, rows[0]?.position.compactedTo ?? 0, rows[0]?.position.newest ?? 0);
  }
  const ends = rows.flatMap(({ kind, mesh, name, ...states }) => {
    if (kind === null || mesh === null || name === null) return [];
    const key = { kind, mesh, name };
    return { key, first: wholeResource(key, states.first), last: wholeResource(key, states.last) };
  });
  return netChanges(ends, from > to);
}

function isOfLog({ kind, mesh, name }: LogFilter): SQL | undefined {
  // Nothing of that name can have been stored, and Postgres would not even take it as a parameter.
  if (isUnstorableQuery([kind, mesh, name])) return sql`false`;
  return and(
    kind === undefined ? undefined : eq(changeLog.kind, kind),
    mesh === undefined ? undefined : eq(changeLog.mesh, mesh),
    name === undefined ? undefined : eq(changeLog.name, name),
  );
}
