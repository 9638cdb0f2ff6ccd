import type { KindDefinition } from "@meridian/model";
import type { ListFilter } from "@meridian/store";
import type { ApiDeps } from "../ports.ts";

/**
 * How many there are, for `total`. Without a filter it is what the insights have counted change by change, which costs the same however
 * many there are; names and labels are counted by the store.
 */
export async function countOf(
  { store, insights }: Pick<ApiDeps, "store" | "insights">,
  { kind }: KindDefinition,
  filter: ListFilter,
): Promise<number> {
  const { mesh, ...others } = filter;
  if (Object.keys(others).length > 0) return store.count(kind, filter);
  try {
    const tallies = await insights.resources();
    return mesh === undefined ? tallies.countOf(kind) : tallies.mesh(mesh).kinds.get(kind);
  } catch {
    // A store that is away may still know what it holds; if not, it says so itself.
    return store.count(kind, filter);
  }
}
