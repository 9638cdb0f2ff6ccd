import type { Resource, ResourceKey } from "@meridian/model";
import { SortedTable } from "./sorted-table.ts";
import type { ChangeEntry, ListFilter } from "./store.ts";

/** The resources as of one revision, in memory: what replaying the log gives. */
export class CurrentState {
  readonly #tables = new Map<string, SortedTable<Resource>>();

  get(key: ResourceKey): Resource | undefined {
    return this.#tables.get(key.kind)?.get(key);
  }

  list(kind: string, filter?: ListFilter): readonly Resource[] {
    return this.#tables.get(kind)?.list(filter) ?? [];
  }

  count(kind: string, filter: ListFilter = {}): number {
    const { after: _after, limit: _limit, ...whole } = filter;
    return this.list(kind, whole).length;
  }

  put(resource: Resource): void {
    let table = this.#tables.get(resource.kind);
    if (table === undefined) {
      table = new SortedTable();
      this.#tables.set(resource.kind, table);
    }
    table.put(resource);
  }

  apply(entries: readonly ChangeEntry[]): void {
    for (const entry of entries) {
      if (entry.resource !== undefined) this.put(entry.resource);
      else this.#tables.get(entry.key.kind)?.delete(entry.key);
    }
  }
}
