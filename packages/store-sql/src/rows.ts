import type { Resource, ResourceKey } from "@meridian/model";
import { type ChangeEntry, keyOf, type RevisionInfo, type StatusEntry } from "@meridian/store";
import type { changeLog, resources, revisions, status } from "./schema.ts";

type ResourceRow = typeof resources.$inferSelect;
/** A resource inside the log; its key is in the columns beside it. */
type LoggedResource = Omit<Resource, "kind" | "mesh" | "name">;

export function resourceFromRow(row: ResourceRow): Resource {
  return {
    ...keyOf(row),
    labels: inNameOrder(row.labels),
    spec: row.spec,
    ...(row.status !== null && { status: row.status }),
    version: row.version,
    creationTime: row.creationTime.toISOString(),
    modificationTime: row.modificationTime.toISOString(),
  };
}

/** `jsonb` sorts names by length first; all drivers hand labels out in code-unit order. */
function inNameOrder(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function loggedResource(resource: Resource): LoggedResource {
  const { kind: _kind, mesh: _mesh, name: _name, ...logged } = resource;
  return logged;
}

export function entryFromRow(row: typeof changeLog.$inferSelect): ChangeEntry {
  const resource = wholeResource(row, row.resource);
  const previous = wholeResource(row, row.previous);
  return { revision: row.revision, op: row.op, key: keyOf(row), ...(resource && { resource }), ...(previous && { previous }) };
}

/** A resource as the log holds it; null, or nothing of an outer join, is none. */
export function wholeResource(key: ResourceKey, logged: unknown): Resource | undefined {
  if (logged === null || logged === undefined) return undefined;
  return { ...keyOf(key), ...(logged as LoggedResource) };
}

export function revisionInfoFromRow(row: typeof revisions.$inferSelect): RevisionInfo {
  return {
    revision: row.revision,
    time: row.time.toISOString(),
    author: row.author,
    ...(row.address !== null && { address: row.address }),
    ...(row.message !== null && { message: row.message }),
  };
}

export function statusFromRow(row: typeof status.$inferSelect): StatusEntry {
  return { key: keyOf(row), value: row.value, modificationTime: row.modificationTime.toISOString() };
}
