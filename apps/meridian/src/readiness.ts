import { errorMessage } from "@meridian/base";
import type { ResourceReader } from "@meridian/store";

/** Why a control plane must not be sent work because of its store; empty when the store answers. */
export async function storeObstacles(store: ResourceReader): Promise<readonly string[]> {
  try {
    await store.revision();
    return [];
  } catch (error) {
    return [`the store does not answer: ${errorMessage(error)}`];
  }
}
