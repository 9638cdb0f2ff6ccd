import type { KindDefinition, Resource, Revision } from "@meridian/model";
import { ApiProblem, badRequest } from "../http/errors.ts";
import { assertRevisionExists } from "../http/log-query.ts";
import type { ApiDeps } from "../ports.ts";

const title = "Could not retrieve a resource";

/**
 * A resource as of a revision (`?revision=N`). @throws ApiProblem 400 for kinds outside the log, 404 where it did not exist then or
 * the revision does not exist; CompactedError (410) where nobody knows any more
 */
export async function readAsOf(
  { store }: Pick<ApiDeps, "store">,
  kind: KindDefinition,
  at: { readonly mesh: string; readonly name: string; readonly revision: Revision },
): Promise<Resource> {
  if (kind.category === "insight") throw badRequest(`${kind.kind} has no history: only its newest state is kept`);
  const { revision, ...place } = at;
  await assertRevisionExists(store, revision, title);
  const resource = await store.getAt({ kind: kind.kind, ...place }, revision);
  if (resource) return resource;
  const where = place.mesh === "" ? "" : ` in mesh "${place.mesh}"`;
  const detail = `${kind.kind} "${place.name}" did not exist${where} at revision ${revision}`;
  throw new ApiProblem({ status: 404, title, detail });
}
