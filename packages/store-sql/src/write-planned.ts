import type { Resource, ResourceKey, Revision } from "@meridian/model";
import type { ChangeEntry, RevisionInfo } from "@meridian/store";
import { type SQL, sql } from "drizzle-orm";
import { revisionChannel, type Sql } from "./engine.ts";
import { loggedResource } from "./rows.ts";
import { changeLog, logPosition, meta, resources, revisions } from "./schema.ts";
import { jsonText, unnestRows } from "./unnest.ts";

/** What a group of calls writes, as far as it has been planned. */
export interface PlannedGroup {
  readonly newest: Revision;
  readonly revisions: readonly RevisionInfo[];
  readonly entries: readonly ChangeEntry[];
  /** The state after the group of every key that it changed. */
  readonly state: ReadonlyMap<string, { readonly key: ResourceKey; readonly resource: Resource | undefined }>;
  readonly meta: ReadonlyMap<string, string | null>;
}

/** One statement: every part of it is a data-modifying CTE. They touch different rows, so their order does not matter. */
export async function writePlanned(db: Sql, planned: PlannedGroup): Promise<void> {
  const parts: SQL[] = [];
  const add = (rows: readonly unknown[], part: () => SQL): void => {
    if (rows.length > 0) parts.push(sql`${sql.identifier(`part_${parts.length}`)} as (${part()})`);
  };
  const states = [...planned.state.values()];
  const kept = states.flatMap(({ resource }) => resource ?? []);
  const gone = states.flatMap(({ key, resource }) => (resource === undefined ? key : []));
  const metaSet = [...planned.meta].flatMap(([name, value]) => (value === null ? [] : { name, value }));
  const metaGone = [...planned.meta].flatMap(([name, value]) => (value === null ? { name } : []));
  add(kept, () => upsertResources(kept));
  add(gone, () => {
    const rows = unnestRows(gone, ["kind", "mesh", "name"]);
    const same = sql`${resources.kind} = rows.kind and ${resources.mesh} = rows.mesh and ${resources.name} = rows.name`;
    return sql`delete from ${resources} using ${rows} where ${same}`;
  });
  add(planned.entries, () => insertLog(planned.entries));
  add(planned.revisions, () => insertRevisions(planned.revisions));
  add(planned.revisions, () => sql`update ${logPosition} set newest = ${planned.newest}`);
  add(metaSet, () => {
    const rows = unnestRows(metaSet, ["name", "value"]);
    return sql`insert into ${meta} (name, value) select name, value from ${rows}
      on conflict (name) do update set value = excluded.value`;
  });
  add(metaGone, () => sql`delete from ${meta} using ${unnestRows(metaGone, ["name"])} where ${meta.name} = rows.name`);
  const nudge = planned.revisions.length > 0 ? notifyRevision(planned.newest) : sql`select`;
  await db.execute(sql`with ${sql.join(parts, sql`, `)} ${nudge}`);
}

/** Heard when the transaction commits, and by nobody if it does not. */
function notifyRevision(newest: number): SQL {
  return sql`select pg_notify(${revisionChannel} || hashtext(current_schema()), ${String(newest)})`;
}

function upsertResources(kept: readonly Resource[]): SQL {
  const cells = kept.map((resource) => ({
    kind: resource.kind,
    mesh: resource.mesh,
    name: resource.name,
    version: resource.version,
    created: resource.creationTime,
    modified: resource.modificationTime,
    labels: jsonText(resource.labels),
    spec: jsonText(resource.spec),
    status: resource.status === undefined ? null : jsonText(resource.status),
  }));
  const rows = unnestRows(cells, ["kind", "mesh", "name", "version", "created", "modified", "labels", "spec", "status"]);
  return sql`insert into ${resources} (kind, mesh, name, version, creation_time, modification_time, labels, spec, status)
    select kind, mesh, name, version::bigint, created::timestamptz, modified::timestamptz, labels::jsonb, spec::json, status::json
    from ${rows}
    on conflict (kind, mesh, name) do update set version = excluded.version, creation_time = excluded.creation_time,
      modification_time = excluded.modification_time, labels = excluded.labels, spec = excluded.spec, status = excluded.status`;
}

function insertLog(entries: readonly ChangeEntry[]): SQL {
  const cells = entries.map((entry, index) => ({
    revision: entry.revision,
    ordinal: index,
    op: entry.op,
    kind: entry.key.kind,
    mesh: entry.key.mesh,
    name: entry.key.name,
    resource: entry.resource === undefined ? null : jsonText(loggedResource(entry.resource)),
    previous: entry.previous === undefined ? null : jsonText(loggedResource(entry.previous)),
  }));
  const rows = unnestRows(cells, ["revision", "ordinal", "op", "kind", "mesh", "name", "resource", "previous"]);
  return sql`insert into ${changeLog} (revision, ordinal, op, kind, mesh, name, resource, previous)
    select revision::bigint, ordinal::int, op, kind, mesh, name, resource::json, previous::json from ${rows}`;
}

function insertRevisions(infos: readonly RevisionInfo[]): SQL {
  const cells = infos.map(({ revision, time, author, address = null, message = null }) => ({
    revision,
    time,
    author: storableText(author),
    address,
    message: message === null ? null : storableText(message),
  }));
  const rows = unnestRows(cells, ["revision", "time", "author", "address", "message"]);
  return sql`insert into ${revisions} (revision, time, author, address, message)
    select revision::bigint, time::timestamptz, author, address, message from ${rows}`;
}

/** Postgres text holds no NUL; a user's message must not fail the commit. */
function storableText(text: string): string {
  return text.replaceAll("\0", "\ufffd");
}
