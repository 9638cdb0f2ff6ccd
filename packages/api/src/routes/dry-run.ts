import type { Admitted, WriteRequest } from "@meridian/admission";
import type { Resource } from "@meridian/model";
import { changedKey, keyId, planCommit } from "@meridian/store";
import type { ApiDeps } from "../ports.ts";

/**
 * What `admit` would do, by the store's own rules, without doing it; with the entries that would go into the log, what follows from
 * the requests included. @throws what `admit` would throw
 */
export async function dryRun(deps: Pick<ApiDeps, "store" | "admission">, requests: readonly WriteRequest[]): Promise<Admitted> {
  const { changes, warnings } = await deps.admission.prepare(requests);
  const revision = await deps.store.revision();
  const current = new Map<string, Resource | undefined>();
  const read = async (key: ReturnType<typeof changedKey>) => current.set(keyId(key), await deps.store.get(key));
  await Promise.all(changes.map((change) => read(changedKey(change))));
  const stamp = { revision: revision + 1, time: new Date().toISOString() };
  const { outcomes, entries } = planCommit(changes, (key) => current.get(keyId(key)), stamp);
  return { revision, outcomes: outcomes.slice(0, requests.length), entries, warnings };
}
