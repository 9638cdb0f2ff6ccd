import type { KindDefinition, Resource } from "@meridian/model";
import type { ListFilter } from "@meridian/store";
import type { ApiStore } from "../ports.ts";
import { insightAsResource } from "./insights.ts";

/** Items that are read in one go; between two goes others get their turn. */
const chunkSize = 500;

export type Reader<Item> = (filter: ListFilter) => Promise<readonly Item[]>;

/** How a kind is read, insights as if they were resources. */
export function readerOf(store: Pick<ApiStore, "list" | "listStatus">, { kind, category }: KindDefinition): Reader<Resource> {
  if (category !== "insight") return (filter) => store.list(kind, filter);
  return async (filter) => (await store.listStatus(kind, filter)).map(insightAsResource);
}

/** Everything that a filter leaves, in order, never more than a chunk of it at once. */
export async function* inChunks<Item extends { readonly mesh: string; readonly name: string }>(
  read: Reader<Item>,
  filter: ListFilter,
): AsyncGenerator<Item, void, void> {
  let last: Item | undefined;
  do {
    const after = last && { after: { mesh: last.mesh, name: last.name } };
    const chunk = await read({ ...filter, ...after, limit: chunkSize });
    yield* chunk;
    last = chunk.length === chunkSize ? chunk.at(-1) : undefined;
    // A store in memory answers at once, which would keep everybody else waiting until the end.
    if (last) await new Promise((resolve) => setImmediate(resolve));
  } while (last);
}
