import type { KindDefinition, Resource } from "@meridian/model";
import type { ListFilter } from "@meridian/store";
import type { FastifyRequest } from "fastify";
import type { Query } from "../http/query.ts";
import type { ApiStore } from "../ports.ts";
import { insightAsResource } from "./insights.ts";
import { kindFilter, type Predicate } from "./kind-filters.ts";
import { type Page, parseFilter, parsePage } from "./page.ts";

export interface ListedPage {
  readonly total: number;
  readonly items: readonly Resource[];
  /** Absolute URL of the next page; null on the last. */
  readonly next: string | null;
}

/** One page of a kind, as the query of the request asks for it. @throws ApiProblem 400 for a query that makes no sense */
export async function listPage(
  store: ApiStore,
  kind: KindDefinition,
  request: FastifyRequest,
  mesh: string | undefined,
): Promise<ListedPage> {
  const title = "Could not retrieve resources";
  const query = request.query as Query;
  const page = parsePage(query, title);
  const filter = parseFilter(query, mesh, title);
  const predicate = kindFilter(kind.kind, query, title);
  const { total, items: found } = await findPage({ store, kind, filter, predicate }, page);
  const items = found.slice(0, page.size);
  const last = items.at(-1);
  return { total, items, next: last && found.length > items.length ? nextUrl(request, page.offset + items.length, last) : null };
}

interface Search {
  readonly store: ApiStore;
  readonly kind: KindDefinition;
  readonly filter: ListFilter;
  readonly predicate: Predicate | undefined;
}

/** The page, and one item more where there is one: what `total` says may already be out of date. */
async function findPage(search: Search, page: Page): Promise<{ readonly total: number; readonly items: readonly Resource[] }> {
  const { store, kind, filter, predicate } = search;
  const limit = page.size + 1;
  if (kind.category === "insight" || predicate) {
    const items = (await readAll(search)).filter(predicate ?? (() => true));
    return { total: items.length, items: items.slice(page.offset, page.offset + limit) };
  }
  const [total, items] = await Promise.all([
    store.count(kind.kind, filter),
    page.after
      ? store.list(kind.kind, { ...filter, after: page.after, limit })
      : store.list(kind.kind, { ...filter, limit: page.offset + limit }),
  ]);
  return { total, items: page.after ? items : items.slice(page.offset) };
}

async function readAll({ store, kind, filter }: Search): Promise<readonly Resource[]> {
  if (kind.category !== "insight") return store.list(kind.kind, filter);
  return (await store.listStatus(kind.kind, filter)).map(insightAsResource);
}

/** From the request's own scheme, host and query, so that it also works through a proxy that keeps `Host`. */
function nextUrl(request: FastifyRequest, offset: number, last: Resource): string {
  const url = new URL(request.url, `${request.protocol}://${request.headers.host ?? "localhost"}`);
  url.searchParams.set("offset", String(offset));
  url.searchParams.set("after", `${last.mesh}/${last.name}`);
  return url.toString();
}
