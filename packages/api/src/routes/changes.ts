import type { Revision } from "@meridian/model";
import { historyChange, type LogFilter, matchesLog } from "@meridian/store";
import type { FastifyInstance } from "fastify";
import { parseLogFilter } from "../http/log-query.ts";
import { flag, one, type Query, wholeNumber } from "../http/query.ts";
import { setRevision } from "../http/revisions.ts";
import { sendStream } from "../http/streams.ts";
import type { ApiDeps, ApiLimits, User } from "../ports.ts";
import { changeView, loggedResource } from "./log-views.ts";

const defaultRevisions = 100;
const maxRevisions = 1000;

/**
 * The change feed. `GET /changes?after=N` gives a page, `lastRevision` is the next `after`; `after=newest` begins with what comes
 * next. With `wait=true` it is a stream of lines (NDJSON) that goes on with each commit: changes, then `{"lastRevision":R}` when all
 * of R was sent: the place to resume from; the first line says N. `kind`, `mesh` and `name` leave out all other changes. 410 when the
 * log no longer reaches back to N: read the lists again.
 */
export function changesRoutes(app: FastifyInstance, deps: ApiDeps, limits: ApiLimits): void {
  app.get("/changes", { config: { title: "Could not read the changes" } }, async (request, reply) => {
    const query = request.query as Query;
    const after = one(query, "after") === "newest" ? await deps.store.revision() : (wholeNumber(query, "after") ?? 0);
    const filter = parseLogFilter(query, deps.kinds);
    const count = Math.min(Math.max(wholeNumber(query, "size") ?? defaultRevisions, 1), maxRevisions);
    const feed: Feed = { deps, filter, user: request.user };
    const page = await readPage(feed, after, count);
    if (flag(query, "wait")) {
      return sendStream(app, reply, "application/x-ndjson", (signal) => follow(feed, limits, { after, signal }));
    }
    setRevision(reply, Math.max(page.lastRevision, Number(reply.getHeader("meridian-revision") ?? 0)));
    return { lastRevision: page.lastRevision, items: page.items };
  });
}

/** What a reader of the feed asked for, and as whom. */
interface Feed {
  readonly deps: ApiDeps;
  readonly filter: LogFilter;
  readonly user: User;
}

interface FeedPage {
  readonly items: readonly object[];
  readonly lastRevision: Revision;
}

async function readPage({ deps, filter, user }: Feed, after: Revision, maxRevisions: number): Promise<FeedPage> {
  const { entries, lastRevision } = await deps.store.changes(after, { maxRevisions });
  const wanted = entries.filter(({ key }) => matchesLog(key, filter));
  if (wanted.length === 0) return { items: [], lastRevision };
  const { revisions } = await deps.store.history({ ...filter, before: lastRevision + 1, limit: lastRevision - after });
  const authors = new Map(revisions.map(({ changes: _changes, ...info }) => [info.revision, info]));
  const items = wanted.map((entry) => {
    const resource = entry.resource && { resource: loggedResource(entry.resource, deps.kinds, user) };
    return { revision: entry.revision, ...changeView(historyChange(entry)), ...authors.get(entry.revision), ...resource };
  });
  return { items, lastRevision };
}

async function* follow(
  feed: Feed,
  limits: ApiLimits,
  { after: start, signal }: { readonly after: Revision; readonly signal: AbortSignal },
): AsyncGenerator<string, void, void> {
  let after = start;
  // At once, so that the client sees that it is connected, and where it stands.
  yield `${JSON.stringify({ lastRevision: after })}\n`;
  const wakes = heartbeats(feed.deps.store.watch(signal), limits.heartbeatIntervalMs, signal);
  for await (const revision of wakes) {
    // A blank line keeps the connection alive and is no JSON value, so readers skip it.
    if (revision === undefined) yield "\n";
    while (revision !== undefined && after < revision && !signal.aborted) {
      const page = await readPage(feed, after, defaultRevisions);
      for (const item of page.items) yield `${JSON.stringify(item)}\n`;
      if (page.lastRevision <= after) break;
      after = page.lastRevision;
      yield `${JSON.stringify({ lastRevision: after })}\n`;
    }
  }
}

/** Yields what `source` yields, and `undefined` after each silence. */
async function* heartbeats<T>(source: AsyncIterable<T>, intervalMs: number, signal: AbortSignal): AsyncGenerator<T | undefined> {
  const iterator = source[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    while (!signal.aborted) {
      const result = await Promise.race([next, silence(intervalMs)]);
      if (result === undefined) {
        yield undefined;
        continue;
      }
      if (result.done) return;
      yield result.value;
      next = iterator.next();
    }
  } finally {
    await iterator.return?.();
  }
}

function silence(intervalMs: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), intervalMs).unref());
}
