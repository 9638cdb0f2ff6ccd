import { compareText, type ResourceKey } from "@meridian/model";
import type { ListFilter } from "./store.ts";

/** Anything that `CurrentState` can keep: found by its key, filtered by its labels. */
export interface Row {
  readonly mesh: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}

type Position = Pick<ResourceKey, "mesh" | "name">;

/** The rows of one kind, always in the order of `list` (mesh, name by code units), so that a page costs O(log n + page). */
export class SortedTable<T extends Row> {
  readonly #rows: T[] = [];

  get(position: Position): T | undefined {
    const row = this.#rows[this.#lowerBound(position)];
    return row !== undefined && comparePositions(row, position) === 0 ? row : undefined;
  }

  put(row: T): void {
    const index = this.#lowerBound(row);
    const found = this.#rows[index];
    const replaces = found !== undefined && comparePositions(found, row) === 0;
    this.#rows.splice(index, replaces ? 1 : 0, row);
  }

  delete(position: Position): void {
    if (this.get(position) !== undefined) this.#rows.splice(this.#lowerBound(position), 1);
  }

  list(filter: ListFilter = {}): readonly T[] {
    const found: T[] = [];
    const limit = filter.limit ?? Number.POSITIVE_INFINITY;
    for (let index = this.#start(filter); index < this.#rows.length && found.length < limit; index++) {
      const row = this.#rows[index];
      if (row === undefined || (filter.mesh !== undefined && row.mesh !== filter.mesh)) break;
      if (matchesFilter(row, filter)) found.push(row);
    }
    return found;
  }

  #start(filter: ListFilter): number {
    const fromMesh = filter.mesh === undefined ? 0 : this.#lowerBound({ mesh: filter.mesh, name: "" });
    if (filter.after === undefined) return fromMesh;
    const index = this.#lowerBound(filter.after);
    const row = this.#rows[index];
    const isAfter = row !== undefined && comparePositions(row, filter.after) === 0 ? index + 1 : index;
    return Math.max(fromMesh, isAfter);
  }

  /** Index of the first row that does not sort before `position`. */
  #lowerBound(position: Position): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const row = this.#rows[middle];
      if (row !== undefined && comparePositions(row, position) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The filters that do not follow from the order. A row without labels has none of them. */
export function matchesFilter(row: Row, filter: ListFilter): boolean {
  if (filter.namePart !== undefined && !row.name.includes(filter.namePart)) return false;
  return Object.entries(filter.labels ?? {}).every(([name, value]) => row.labels?.[name] === value);
}

function comparePositions(a: Position, b: Position): number {
  return compareText(a.mesh, b.mesh) || compareText(a.name, b.name);
}
