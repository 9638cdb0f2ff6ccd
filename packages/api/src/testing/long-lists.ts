import type { Change, ListFilter, Store } from "@meridian/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestApi, testApi, trafficRoute } from "./test-api.ts";

const size = 100;

/** What reads of a store handed out. */
interface RowCounts {
  /** Of all reads. */
  total: number;
  /** Of the largest one. */
  most: number;
}

function countingRows(store: Store, counts: RowCounts): Store {
  const counting = Object.create(store) as Store;
  const count = <T>(rows: readonly T[]): readonly T[] => {
    counts.total += rows.length;
    counts.most = Math.max(counts.most, rows.length);
    return rows;
  };
  counting.list = async <S>(kind: string, filter?: ListFilter) => count(await store.list<S>(kind, filter));
  counting.listStatus = async <V>(kind: string, filter?: ListFilter) => count(await store.listStatus<V>(kind, filter));
  return counting;
}

/** What the API reads of a store that holds `length` policies and as many data planes. */
export function describeLongLists(driver: string, length: number, open: () => Promise<Store>): void {
  describe(`lists of ${length} on ${driver}`, () => {
    const rows: RowCounts = { total: 0, most: 0 };
    let api: TestApi;

    beforeAll(async () => {
      const store = await open();
      api = await testApi({ mode: "standalone", zone: "east", store: countingRows(store, rows) });
      await fill(store, length);
      // The first `total` counts everything once; from then on it follows the log.
      await api.call("GET", "/traffic-routes?size=1");
      expect(rows.most).toBeLessThanOrEqual(500);
    }, 180_000);
    afterAll(() => api.store.close());

    async function rowsOf(
      url: string,
    ): Promise<{ readonly rows: RowCounts; readonly total: number; readonly next: string | null }> {
      Object.assign(rows, { total: 0, most: 0 });
      const { status, json } = await api.call("GET", url);
      expect([url, status, json.items.length > 0]).toEqual([url, 200, true]);
      return { rows: { ...rows }, total: json.total, next: json.next };
    }

    it.each(["traffic-routes", "dataplanes", "dataplanes/_overview", "traffic-routes/_status"])(
      "a page of %s costs a page, the first as the last",
      async (path) => {
        let url: string | null = `/meshes/default/${path}?size=${size}`;
        let pages = 0;
        while (url !== null) {
          const page = await rowsOf(url);
          expect(page.total).toBe(length);
          // The resources and one more; for overviews their insights, too.
          expect(page.rows.total).toBeLessThanOrEqual(2 * size + 2);
          url = page.next && new URL(page.next).pathname + new URL(page.next).search;
          pages += 1;
        }
        expect(pages).toBe(Math.ceil(length / size));
      },
      180_000,
    );

    it("a write counts in the next total", async () => {
      const one = await api.call("PUT", "/meshes/default/traffic-routes/one-more", trafficRoute("one-more"));
      expect(one.status).toBe(201);
      const page = await rowsOf(`/traffic-routes?size=${size}`);
      expect([page.total, page.rows.total]).toEqual([length + 1, size + 1]);
      await api.call("DELETE", "/meshes/default/traffic-routes/one-more");
      expect((await rowsOf("/traffic-routes?size=1")).total).toBe(length);
    }, 60_000);

    it.each([
      ["a filter that only the API knows", "/meshes/default/dataplanes?tag=kuma.io/service:even&size=1000", length / 2],
      ["a client that only counts", `/meshes/default/traffic-routes?size=${size}&offset=${length - 10}`, length],
      ["a list of insights", "/meshes/default/dataplane-insights?size=1000", length],
    ])(
      "%s never holds more than a chunk",
      async (_, url, total) => {
        const page = await rowsOf(url);
        expect(page.total).toBe(total);
        expect(page.rows.most).toBeLessThanOrEqual(500);
      },
      60_000,
    );
  });
}

async function fill(store: Store, length: number): Promise<void> {
  const batch = 2_000;
  for (let start = 0; start < length; start += batch) {
    const names = Array.from(
      { length: Math.min(batch, length - start) },
      (_, index) => `n-${String(start + index).padStart(6, "0")}`,
    );
    await store.commit(names.flatMap(changesOf), { author: "test" });
    await store.putStatus(
      names.map((name) => ({
        key: { kind: "DataplaneInsight", mesh: "default", name },
        value: { subscriptions: [{ id: "1", connectTime: "2026-01-01T00:00:00Z" }] },
      })),
    );
  }
}

function changesOf(name: string, index: number): readonly Change[] {
  const { type, mesh, name: _, ...conf } = trafficRoute(name);
  const service = index % 2 === 0 ? "even" : "odd";
  const networking = { address: "10.0.0.1", inbound: [{ port: 80, tags: { "kuma.io/service": service } }] };
  return [
    { op: "put", resource: { kind: type, mesh, name, labels: {}, spec: conf } },
    { op: "put", resource: { kind: "Dataplane", mesh, name, labels: { "kuma.io/zone": "east" }, spec: { networking } } },
  ];
}
