import type { KindRegistry, Revision, Violation } from "@meridian/model";
import type { LogFilter } from "@meridian/store";
import type { ApiStore } from "../ports.ts";
import { ApiProblem, invalid } from "./errors.ts";
import { one, type Query, wholeNumber } from "./query.ts";

/**
 * `kind`, `mesh` and `name` of a query about the log. A kind is known by its name, path or alias; one of global scope has no mesh,
 * so none is looked for. @throws ApiProblem 400 for a kind that does not exist
 */
export function parseLogFilter(query: Query, kinds: KindRegistry): LogFilter {
  const wanted = one(query, "kind");
  const kind = wanted === undefined || wanted === "" ? undefined : (kinds.get(wanted) ?? kinds.byPath(wanted));
  if (wanted && !kind) throw badParameter("kind", `there is no kind "${wanted}": GET /_resources lists all`);
  const mesh = kind?.scope === "global" ? "" : one(query, "mesh");
  const name = one(query, "name");
  return { ...(kind && { kind: kind.kind }), ...(mesh !== undefined && { mesh }), ...(name !== undefined && { name }) };
}

/** A revision that the caller must name. @throws ApiProblem 400 */
export function requiredRevision(query: Query, name: string): Revision {
  const revision = wholeNumber(query, name);
  if (revision === undefined) throw badParameter(name, "must be a revision: GET /history lists them");
  return revision;
}

/** @throws ApiProblem 404 for a revision that was never written. One that was, and is no longer known, is the store's to refuse (410). */
export async function assertRevisionExists(store: ApiStore, revision: Revision, title: string): Promise<void> {
  const newest = await store.revision();
  if (revision <= newest) return;
  throw new ApiProblem({ status: 404, title, detail: `revision ${revision} does not exist: the newest is ${newest}` });
}

function badParameter(path: string, message: string): ApiProblem {
  const violation: Violation = { path, message };
  return invalid("Bad Request", [violation], "Invalid query parameter");
}
