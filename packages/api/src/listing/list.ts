import type { KindDefinition, Resource } from "@meridian/model";
import type { ListFilter } from "@meridian/store";
import type { FastifyRequest } from "fastify";
import type { Query } from "../http/query.ts";
import type { ApiDeps } from "../ports.ts";
import { countOf } from "./count.ts";
import { kindFilter } from "./kind-filters.ts";
import { offsetToken, type Page, parseFilter, parsePage } from "./page.ts";
import { inChunks, readerOf } from "./scan.ts";

export interface ListedPage {
  readonly total: number;
  readonly items: readonly Resource[];
  /** Absolute URL of the next page; null on the last. */
  readonly next: string | null;
}

type ListingDeps = Pick<ApiDeps, "store" | "insights">;

/**
 * One page of a kind, as the query of the request asks for it. Memory holds a page, however long the list is. Following `next` costs a
 * page each time; a filter that only the API knows (tags, types of gateways and services) looks at every item, in chunks.
 * @throws ApiProblem 400 for a query that makes no sense
 */
export async function listPage(
  deps: ListingDeps,
  kind: KindDefinition,
  request: FastifyRequest,
  mesh: string | undefined,
): Promise<ListedPage> {
  const title = "Could not retrieve resources";
  const query = request.query as Query;
  const page = parsePage(query, title);
  const filter = parseFilter(query, mesh, title);
  const predicate = kindFilter(kind.kind, query, title);
  // An insight has no count of its own in the store.
  const isScanned = predicate !== undefined || kind.category === "insight";
  const search = { deps, kind, filter };
  const { total, items: found } = await (isScanned ? scan(search, page, predicate ?? (() => true)) : read(search, page));
  const items = found.slice(0, page.size);
  const last = items.at(-1);
  return { total, items, next: last && found.length > items.length ? nextUrl(request, page.offset + items.length, last) : null };
}

interface Search {
  readonly deps: ListingDeps;
  readonly kind: KindDefinition;
  readonly filter: ListFilter;
}

interface Found {
  readonly total: number;
  /** The page, and one item more where there is one: what `total` says may already be out of date. */
  readonly items: readonly Resource[];
}

async function read({ deps, kind, filter }: Search, page: Page): Promise<Found> {
  const limit = page.size + 1;
  const [total, items] = await Promise.all([
    countOf(deps, kind, filter),
    page.after || page.offset === 0
      ? deps.store.list(kind.kind, { ...filter, ...(page.after && { after: page.after }), limit })
      : counted(inChunks(readerOf(deps.store, kind), filter), page.offset, limit),
  ]);
  return { total, items };
}

/** A client that only counts has no key to begin after: what comes before its page is read past. */
async function counted(items: AsyncIterable<Resource>, offset: number, limit: number): Promise<readonly Resource[]> {
  const found: Resource[] = [];
  let index = 0;
  for await (const item of items) {
    if (index >= offset) found.push(item);
    if (found.length === limit) break;
    index += 1;
  }
  return found;
}

async function scan({ deps, kind, filter }: Search, page: Page, isWanted: (resource: Resource) => boolean): Promise<Found> {
  const items: Resource[] = [];
  let total = 0;
  for await (const item of inChunks(readerOf(deps.store, kind), filter)) {
    if (!isWanted(item)) continue;
    if (total >= page.offset && items.length <= page.size) items.push(item);
    total += 1;
  }
  return { total, items };
}

/** From the request's own scheme, host and query, so that it also works through a proxy that keeps `Host`. */
function nextUrl(request: FastifyRequest, offset: number, last: Resource): string {
  const url = new URL(request.url, `${request.protocol}://${request.headers.host ?? "localhost"}`);
  url.searchParams.set("offset", offsetToken(offset, last));
  return url.toString();
}
