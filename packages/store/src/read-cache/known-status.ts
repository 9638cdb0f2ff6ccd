import type { ResourceKey } from "@meridian/model";
import { keyOf } from "../content.ts";
import { SortedTable } from "../sorted-table.ts";
import type { ListFilter, StatusEntry } from "../store.ts";

interface StatusRow extends ResourceKey {
  readonly entry: StatusEntry;
}

/** The statuses as this process saw them last, written by it or read. */
export class KnownStatus {
  readonly #tables = new Map<string, SortedTable<StatusRow>>();

  learn(entries: readonly StatusEntry[]): void {
    for (const entry of entries) {
      const table = this.#tables.get(entry.key.kind) ?? new SortedTable<StatusRow>();
      this.#tables.set(entry.key.kind, table);
      table.put({ ...keyOf(entry.key), entry });
    }
  }

  /** A whole listing: what it does not hold is gone. */
  learnAll(kind: string, entries: readonly StatusEntry[]): void {
    this.#tables.set(kind, new SortedTable());
    this.learn(entries);
  }

  forget(keys: readonly ResourceKey[]): void {
    for (const key of keys) this.#tables.get(key.kind)?.delete(key);
  }

  get(key: ResourceKey): StatusEntry | undefined {
    return this.#tables.get(key.kind)?.get(key)?.entry;
  }

  list(kind: string, filter?: ListFilter): readonly StatusEntry[] {
    return (this.#tables.get(kind)?.list(filter) ?? []).map(({ entry }) => entry);
  }
}
