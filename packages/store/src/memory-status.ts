import type { Clock } from "@meridian/base";
import type { ResourceKey } from "@meridian/model";
import { assertStorableKey, keyOf, plainJson } from "./content.ts";
import { SortedTable } from "./sorted-table.ts";
import type { ListFilter, StatusEntry } from "./store.ts";

interface StatusRow extends ResourceKey {
  readonly entry: StatusEntry;
}

export interface MemoryStatus {
  put(entries: readonly StatusEntry[]): void;
  delete(keys: readonly ResourceKey[]): void;
  get(key: ResourceKey): StatusEntry | undefined;
  list(kind: string, filter?: ListFilter): readonly StatusEntry[];
}

/** Statuses in memory: last write wins, no log. */
export function createMemoryStatus(clock: Clock): MemoryStatus {
  const tables = new Map<string, SortedTable<StatusRow>>();
  return {
    put(entries) {
      const modificationTime = new Date(clock.now()).toISOString();
      for (const { key, value } of entries) {
        assertStorableKey(key);
        const table = tables.get(key.kind) ?? new SortedTable<StatusRow>();
        tables.set(key.kind, table);
        table.put({ ...keyOf(key), entry: { key: keyOf(key), value: plainJson(value), modificationTime } });
      }
    },
    delete(keys) {
      for (const key of keys) tables.get(key.kind)?.delete(key);
    },
    get: (key) => tables.get(key.kind)?.get(key)?.entry,
    list: (kind, filter) => (tables.get(kind)?.list(filter) ?? []).map((row) => row.entry),
  };
}
