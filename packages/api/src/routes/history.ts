import type { HistoryChange, HistoryRevision } from "@meridian/store";
import type { FastifyInstance } from "fastify";
import { changedFields } from "../diff/fields.ts";
import { ApiProblem, badRequest } from "../http/errors.ts";
import { assertRevisionExists, parseLogFilter } from "../http/log-query.ts";
import { type Query, wholeNumber } from "../http/query.ts";
import type { ApiDeps } from "../ports.ts";
import { changeView, loggedResource } from "./log-views.ts";

const defaultSize = 20;
const maxSize = 1000;
/** A batch may have thousands of changes; a list shows the first and how many there are. */
const shownChanges = 100;
const shownFields = 20;

/**
 * Who changed what, when and why, newest first: `/history?kind=&mesh=&name=&size=&before=`, with the fields that changed where one
 * resource is asked for; and one revision as a whole, with what was before and after.
 */
export function historyRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { store, kinds } = deps;
  app.get("/history", { config: { title: "Could not read the history" } }, async (request) => {
    const query = request.query as Query;
    const filter = parseLogFilter(query, kinds);
    const size = Math.min(Math.max(wholeNumber(query, "size") ?? defaultSize, 1), maxSize);
    const before = wholeNumber(query, "before");
    const withContent = filter.kind !== undefined && filter.name !== undefined;
    const page = { ...filter, ...(before !== undefined && { before }), limit: size + 1, withContent };
    const { revisions, compactedTo } = await store.history(page);
    const items = revisions.slice(0, size);
    return {
      items: items.map((revision) => revisionView(revision, deps)),
      // Where the next page begins; null when the log holds nothing older.
      before: revisions.length > size ? (items.at(-1)?.revision ?? null) : null,
      compactedTo,
    };
  });

  const title = "Could not read a revision";
  app.get<{ Params: { revision: string } }>("/history/:revision", { config: { title } }, async (request) => {
    if (!/^\d{1,15}$/.test(request.params.revision)) throw badRequest(`revision "${request.params.revision}" is not a number`);
    const wanted = Number(request.params.revision);
    await assertRevisionExists(store, wanted, title);
    const { revisions, compactedTo } = await store.history({ before: wanted + 1, limit: 1, withContent: true });
    const [found] = revisions;
    if (found?.revision !== wanted) throw compactedAway(wanted, compactedTo);
    return {
      ...found,
      changes: found.changes.map((change) => ({
        ...changeView(change),
        ...(change.previous && { before: loggedResource(change.previous, kinds, request.user) }),
        ...(change.resource && { after: loggedResource(change.resource, kinds, request.user) }),
      })),
    };
  });
}

function revisionView({ changes, ...info }: HistoryRevision, deps: ApiDeps): object {
  return { ...info, changes: changes.slice(0, shownChanges).map((change) => view(change, deps)), changeCount: changes.length };
}

function view(change: HistoryChange, { kinds }: ApiDeps): object {
  const { previous, resource } = change;
  if (!previous || !resource) return changeView(change);
  const fields = changedFields(previous, resource, kinds);
  return { ...changeView(change), fields: fields.slice(0, shownFields), fieldCount: fields.length };
}

function compactedAway(revision: number, compactedTo: number): ApiProblem {
  const detail = `revision ${revision} is no longer in the log, which begins with revision ${compactedTo + 1}`;
  return new ApiProblem({ status: revision === 0 ? 404 : 410, title: revision === 0 ? "Not found" : "Gone", detail });
}
