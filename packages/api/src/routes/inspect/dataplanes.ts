import type { DataplaneSpec, Resource } from "@meridian/model";
import type { ListFilter } from "@meridian/store";
import type { FastifyRequest } from "fastify";
import { one, type Query } from "../../http/query.ts";
import { parseFilter, parsePage } from "../../listing/page.ts";
import type { ApiStore } from "../../ports.ts";

type Dataplane = Resource<DataplaneSpec>;

/** Data planes that are looked at in one go; between two goes others get their turn. */
const chunkSize = 100;

const title = "Could not retrieve resources";

interface Scan<Item> {
  readonly store: ApiStore;
  readonly request: FastifyRequest;
  readonly mesh: string;
  /** What is answered of a data plane; undefined leaves it out. */
  readonly itemOf: (dataplane: Dataplane) => Item | undefined;
}

export interface ScannedPage<Item> {
  readonly total: number;
  readonly items: readonly Item[];
  /** Left out on the last page. */
  readonly next?: string;
}

/**
 * A page of the data planes of a mesh that an answer is about. All are looked at, since `total` counts them, but only a page is kept.
 * @throws ApiProblem 400 for a query that makes no sense
 */
export async function scanDataplanes<Item>(scan: Scan<Item>): Promise<ScannedPage<Item>> {
  const query = scan.request.query as Query;
  const { size, offset } = parsePage(query, title);
  const items: Item[] = [];
  let total = 0;
  for await (const item of matches(scan, parseFilter(query, scan.mesh, title))) {
    if (total >= offset && items.length < size) items.push(item);
    total += 1;
  }
  const end = offset + items.length;
  return { total, items, ...(end < total && items.length > 0 && { next: nextUrl(scan.request, end) }) };
}

/** The same in one piece, as clients expect that know no pages; in pages for who asks for a `size`. */
export async function scanAllDataplanes<Item>(scan: Scan<Item>): Promise<ScannedPage<Item>> {
  if (one(scan.request.query as Query, "size") !== undefined) return scanDataplanes(scan);
  const items: Item[] = [];
  for await (const item of matches(scan, { mesh: scan.mesh })) items.push(item);
  return { total: items.length, items };
}

async function* matches<Item>({ store, itemOf }: Scan<Item>, filter: ListFilter): AsyncGenerator<Item, void, void> {
  let last: Dataplane | undefined;
  do {
    const after = last && { after: { mesh: last.mesh, name: last.name } };
    const chunk = await store.list<DataplaneSpec>("Dataplane", { ...filter, ...after, limit: chunkSize });
    for (const dataplane of chunk) {
      const item = itemOf(dataplane);
      if (item !== undefined) yield item;
    }
    last = chunk.length === chunkSize ? chunk.at(-1) : undefined;
    // A store in memory answers at once, which would keep everybody else waiting until the end.
    await new Promise((resolve) => setImmediate(resolve));
  } while (last);
}

function nextUrl(request: FastifyRequest, offset: number): string {
  const url = new URL(request.url, `${request.protocol}://${request.headers.host ?? "localhost"}`);
  url.searchParams.set("offset", String(offset));
  return url.toString();
}
