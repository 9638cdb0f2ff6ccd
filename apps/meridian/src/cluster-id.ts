import { randomUUID } from "node:crypto";
import { ConflictError, type ResourceStore } from "@meridian/store";

const metaName = "cluster-id";

/** Names this installation for good: made by whichever replica starts first, kept in the store. */
export async function clusterIdOf(store: ResourceStore): Promise<string> {
  const known = await store.meta(metaName);
  if (known) return known;
  try {
    await store.commit([], { author: "start-up" }, { meta: { [metaName]: randomUUID() } });
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
  return (await store.meta(metaName)) ?? "";
}
