import { setImmediate as nextTurn } from "node:timers/promises";
import type { NetChange } from "@meridian/store";
import type { FastifyInstance } from "fastify";
import { resourceDiff, type SideNames } from "../diff/resource-diff.ts";
import { assertRevisionExists, parseLogFilter, requiredRevision } from "../http/log-query.ts";
import { type Query, wholeNumber } from "../http/query.ts";
import type { ApiDeps } from "../ports.ts";
import { changeView } from "./log-views.ts";

const title = "Could not compare the revisions";
const defaultSize = 100;
const maxSize = 1000;

/**
 * `GET /diff?from=&to=&kind=&mesh=&name=&size=&offset=`: what differs between two revisions, per resource as a unified diff of its
 * YAML. `to` may be left out: the newest. A page never shifts, for revisions never change.
 */
export function diffRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { store, kinds } = deps;
  app.get("/diff", { config: { title } }, async (request) => {
    const query = request.query as Query;
    const from = requiredRevision(query, "from");
    const to = wholeNumber(query, "to") ?? (await store.revision());
    for (const revision of [from, to]) await assertRevisionExists(store, revision, title);
    const size = Math.min(Math.max(wholeNumber(query, "size") ?? defaultSize, 1), maxSize);
    const offset = wholeNumber(query, "offset") ?? 0;
    const changes = await store.compare(from, to, parseLogFilter(query, kinds));
    const page = changes.slice(offset, offset + size);
    const items = await diffViews(page, { before: `revision ${from}`, after: `revision ${to}` }, deps);
    const end = offset + page.length;
    return { from, to, total: changes.length, items, nextOffset: page.length > 0 && end < changes.length ? end : null };
  });
}

/** One after the other, with the event loop between: a page of large documents must not hold up everybody else. */
export async function diffViews(
  changes: readonly NetChange[],
  names: SideNames,
  { kinds }: Pick<ApiDeps, "kinds">,
): Promise<readonly object[]> {
  const views: object[] = [];
  for (const change of changes) {
    views.push({ ...changeView({ outcome: outcomeOf(change), key: change.key }), diff: resourceDiff(change, names, kinds) });
    await nextTurn();
  }
  return views;
}

function outcomeOf({ before, after }: NetChange): "created" | "updated" | "deleted" {
  if (!after) return "deleted";
  return before ? "updated" : "created";
}
