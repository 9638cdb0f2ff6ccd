import type { ResourceKey, Revision } from "@meridian/model";
import type { Environment, IndexKey } from "./environment.ts";
import { rowKey } from "./rows.ts";

/** Revisions indexed in one transaction when an older store is opened. */
const indexingStep = 500;

type Keyed = readonly { readonly key: ResourceKey }[];

/** Runs inside the transaction that writes the revision. */
export function indexRevision({ logIndex, position }: Environment, revision: Revision, entries: Keyed): void {
  for (const { key } of entries) logIndex.putSync(indexKey(key, revision), 1);
  position.putSync("indexedTo", revision);
}

/** Runs inside the transaction that removes the revision. */
export function unindexRevision({ logIndex }: Environment, revision: Revision, entries: Keyed): void {
  for (const { key } of entries) logIndex.removeSync(indexKey(key, revision));
}

/** The revisions after `after` that changed a resource, ascending; read as they are taken. */
export function* revisionsOf({ logIndex }: Environment, key: ResourceKey, after: Revision): Generator<Revision, void, void> {
  const range = logIndex.getKeys({ start: indexKey(key, after + 1), end: indexKey(key, Number.MAX_SAFE_INTEGER) });
  for (const [, , , revision] of range) yield revision;
}

/** The same before `before`, newest first. */
export function* revisionsBefore({ logIndex }: Environment, key: ResourceKey, before: Revision): Generator<Revision, void, void> {
  const range = logIndex.getKeys({ start: indexKey(key, before - 1), end: indexKey(key, 0), reverse: true });
  for (const [, , , revision] of range) yield revision;
}

/** A store of a version that had no index gets one when it is opened; a crash on the way costs nothing, the next start goes on. */
export async function completeIndex(environment: Environment): Promise<void> {
  const { root, log, position } = environment;
  const newest = position.get("newest") ?? 0;
  while ((position.get("indexedTo") ?? 0) < newest) {
    await root.transaction(() => {
      const records = [...log.getRange({ start: (position.get("indexedTo") ?? 0) + 1, limit: indexingStep })];
      for (const { key, value } of records) indexRevision(environment, key, value.entries);
      // What is missing from the log was compacted.
      if (records.length < indexingStep) position.putSync("indexedTo", newest);
    });
  }
}

function indexKey(key: ResourceKey, revision: Revision): IndexKey {
  return [...rowKey(key), revision];
}
