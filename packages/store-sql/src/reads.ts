import type { Resource, ResourceKey, Revision } from "@meridian/model";
import {
  type ChangePage,
  CompactedError,
  isUnstorableQuery,
  type ListFilter,
  type RevisionInfo,
  type StatusEntry,
} from "@meridian/store";
import { and, count, eq, type SQL, sql } from "drizzle-orm";
import type { Sql } from "./engine.ts";
import { entryFromRow, resourceFromRow, revisionInfoFromRow, statusFromRow } from "./rows.ts";
import { changeLog, logPosition, meta, resources, revisions, status } from "./schema.ts";

type KeyedTable = typeof resources | typeof status;

export async function readResource(db: Sql, key: ResourceKey): Promise<Resource | undefined> {
  if (isUnstorableQuery([key.kind, key.mesh, key.name])) return undefined;
  const [row] = await db.select().from(resources).where(isKey(resources, key));
  return row && resourceFromRow(row);
}

export async function readResources(db: Sql, kind: string, filter: ListFilter = {}): Promise<readonly Resource[]> {
  if (findsNothing(kind, filter)) return [];
  const conditions = and(matches(resources, kind, filter), isAfter(resources, filter), hasLabels(filter));
  const query = db.select().from(resources).where(conditions).orderBy(resources.mesh, resources.name).$dynamic();
  const rows = await (filter.limit === undefined ? query : query.limit(filter.limit));
  return rows.map(resourceFromRow);
}

export async function countResources(db: Sql, kind: string, filter: ListFilter = {}): Promise<number> {
  if (findsNothing(kind, filter)) return 0;
  const conditions = and(matches(resources, kind, filter), hasLabels(filter));
  const [row] = await db.select({ count: count() }).from(resources).where(conditions);
  return row?.count ?? 0;
}

export async function readStatus(db: Sql, key: ResourceKey): Promise<StatusEntry | undefined> {
  if (isUnstorableQuery([key.kind, key.mesh, key.name])) return undefined;
  const [row] = await db.select().from(status).where(isKey(status, key));
  return row && statusFromRow(row);
}

export async function readStatuses(db: Sql, kind: string, filter: ListFilter = {}): Promise<readonly StatusEntry[]> {
  // A status has no labels, so a filter by labels matches none.
  if (Object.keys(filter.labels ?? {}).length > 0 || findsNothing(kind, filter)) return [];
  const conditions = and(matches(status, kind, filter), isAfter(status, filter));
  const query = db.select().from(status).where(conditions).orderBy(status.mesh, status.name).$dynamic();
  const rows = await (filter.limit === undefined ? query : query.limit(filter.limit));
  return rows.map(statusFromRow);
}

export async function readRevision(db: Sql): Promise<Revision> {
  const [row] = await db.select({ newest: logPosition.newest }).from(logPosition);
  return row?.newest ?? 0;
}

export async function readRevisionInfo(db: Sql, revision: Revision): Promise<RevisionInfo | undefined> {
  const [row] = await db.select().from(revisions).where(eq(revisions.revision, revision));
  return row && revisionInfoFromRow(row);
}

export async function readMeta(db: Sql, name: string): Promise<string | undefined> {
  const [row] = await db.select().from(meta).where(eq(meta.name, name));
  return row?.value;
}

/** One statement, hence one snapshot: the entries fit the position that is read with them, whatever is compacted meanwhile. */
export async function readChanges(db: Sql, after: Revision, maxRevisions: number): Promise<ChangePage> {
  const last = Math.min(after + maxRevisions, Number.MAX_SAFE_INTEGER);
  const wanted = sql`${changeLog.revision} > ${after} and ${changeLog.revision} <= ${last} and ${logPosition.compactedTo} <= ${after}`;
  const rows = await db
    .select({ position: logPosition, entry: changeLog })
    .from(logPosition)
    .leftJoin(changeLog, wanted)
    .orderBy(changeLog.revision, changeLog.ordinal);
  const { newest, compactedTo } = rows[0]?.position ?? { newest: 0, compactedTo: 0 };
  if (after < compactedTo || after > newest) throw new CompactedError(after, compactedTo + 1, newest);
  return { entries: rows.flatMap(({ entry }) => entry ?? []).map(entryFromRow), lastRevision: Math.min(newest, last) };
}

function findsNothing(kind: string, { mesh, namePart, after, labels = {} }: ListFilter): boolean {
  return isUnstorableQuery([kind, mesh, namePart, after?.mesh, after?.name, ...Object.entries(labels).flat()]);
}

/** False for a key that cannot have been stored: Postgres would not even take it as a parameter. */
export function isKey(table: KeyedTable, key: ResourceKey): SQL | undefined {
  if (isUnstorableQuery([key.kind, key.mesh, key.name])) return sql`false`;
  return and(eq(table.kind, key.kind), eq(table.mesh, key.mesh), eq(table.name, key.name));
}

function matches(table: KeyedTable, kind: string, filter: ListFilter): SQL | undefined {
  return and(
    eq(table.kind, kind),
    filter.mesh === undefined ? undefined : eq(table.mesh, filter.mesh),
    // Not LIKE: `%` and `_` are ordinary characters of a name.
    filter.namePart ? sql`strpos(${table.name}, ${filter.namePart}) > 0` : undefined,
  );
}

/** A row comparison, so that the primary key answers it whatever the page. */
function isAfter(table: KeyedTable, { after }: ListFilter): SQL | undefined {
  return after && sql`(${table.mesh}, ${table.name}) > (${after.mesh}, ${after.name})`;
}

function hasLabels({ labels }: ListFilter): SQL | undefined {
  if (labels === undefined || Object.keys(labels).length === 0) return undefined;
  return sql`${resources.labels} @> ${JSON.stringify(labels)}::jsonb`;
}
