import type { Resource, ResourceKey, Revision } from "@meridian/model";
import { type ChangeEntry, isUnstorableQuery, keyOf, type ListFilter, matchesFilter } from "@meridian/store";
import type { Database } from "lmdb";
import type { RowKey, StoredEntry, StoredResource } from "./environment.ts";

export function rowKey(key: ResourceKey): RowKey {
  return [key.kind, key.mesh, key.name];
}

export function storedResource(resource: Resource): StoredResource {
  const { kind: _kind, mesh: _mesh, name: _name, ...stored } = resource;
  return stored;
}

export function wholeResource({ kind, mesh, name }: ResourceKey, stored: StoredResource): Resource {
  return { kind, mesh, name, ...stored };
}

export function storedEntry({ op, key, resource, previous }: ChangeEntry): StoredEntry {
  return {
    op,
    key: keyOf(key),
    ...(resource !== undefined && { resource: storedResource(resource) }),
    ...(previous !== undefined && { previous: storedResource(previous) }),
  };
}

export function wholeEntry(revision: Revision, { op, key, resource, previous }: StoredEntry): ChangeEntry {
  return {
    revision,
    op,
    key,
    ...(resource !== undefined && { resource: wholeResource(key, resource) }),
    ...(previous !== undefined && { previous: wholeResource(key, previous) }),
  };
}

/** Rows of one kind in the order of `list`, read as they are taken: a page costs what it holds. */
export function* walk<V extends object>(
  table: Database<V, RowKey>,
  kind: string,
  filter: ListFilter = {},
): Generator<{ readonly key: ResourceKey; readonly value: V }, void, void> {
  const { mesh, namePart, after, labels = {}, limit = Number.POSITIVE_INFINITY } = filter;
  if (isUnstorableQuery([kind, mesh, namePart, after?.mesh, after?.name, ...Object.entries(labels).flat()])) return;
  let left = limit;
  if (left <= 0) return;
  for (const { key, value } of table.getRange({ start: startOf(kind, filter) })) {
    const [rowKind, rowMesh, name] = key;
    if (rowKind !== kind || (mesh !== undefined && rowMesh !== mesh)) return;
    if (after !== undefined && rowMesh === after.mesh && name === after.name) continue;
    const rowLabels = "labels" in value ? { labels: value.labels as Resource["labels"] } : {};
    if (!matchesFilter({ mesh: rowMesh, name, ...rowLabels }, filter)) continue;
    yield { key: { kind, mesh: rowMesh, name }, value };
    left -= 1;
    if (left <= 0) return;
  }
}

function startOf(kind: string, { mesh, after }: ListFilter): RowKey {
  if (after !== undefined && (mesh === undefined || after.mesh >= mesh)) return [kind, after.mesh, after.name];
  return [kind, mesh ?? "", ""];
}
