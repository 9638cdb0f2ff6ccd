import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { elsewhere, sampleZone, type TestApi, testApi, trafficRoute } from "./testing/test-api.ts";

let open: TestApi | undefined;
afterEach(async () => {
  await open?.app.close();
  open = undefined;
});

/** Reads a stream chunk by chunk: what arrives is what a client would see at that time. */
async function stream(api: TestApi, path: string) {
  open = api;
  await api.app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = api.app.server.address() as AddressInfo;
  const abort = new AbortController();
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: abort.signal });
  const reader = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    answer,
    leave: () => abort.abort(),
    async until(part: string): Promise<string> {
      while (!text.includes(part)) {
        const { value, done } = await reader.read();
        if (done) break;
        text += value;
      }
      return text;
    },
  };
}

test("the change feed pages through whole revisions", async () => {
  const { call, store } = await testApi();
  const start = await store.revision();
  await call("PUT", "/meshes/default/traffic-routes/a", trafficRoute("a"));
  await call("POST", "/apply", { documents: [trafficRoute("b"), trafficRoute("c")] });
  await call("DELETE", "/meshes/default/traffic-routes/a");
  const first = (await call("GET", `/changes?after=${start}&size=2`)).json;
  expect(first.lastRevision).toBe(start + 2);
  expect(first.items.map(({ revision, name }: { revision: number; name: string }) => [revision, name])).toEqual([
    [start + 1, "a"],
    [start + 2, "b"],
    [start + 2, "c"],
  ]);
  expect(first.items[0]).toMatchObject({
    op: "put",
    type: "TrafficRoute",
    mesh: "default",
    resource: { conf: { split: [{ weight: 90 }, {}] } },
  });
  const second = (await call("GET", `/changes?after=${first.lastRevision}`)).json;
  const change = { op: "delete", outcome: "deleted", type: "TrafficRoute", mesh: "default", name: "a" };
  const info = { revision: start + 3, time: "2026-01-02T00:00:00.000Z", author: "mesh-system:admin", address: "127.0.0.1" };
  expect(second).toEqual({ lastRevision: start + 3, items: [{ ...info, ...change }] });
  const other = (await call("GET", `/changes?after=${start}&kind=traffic-routes&mesh=default&name=c`)).json;
  expect(other.items).toMatchObject([{ revision: start + 2, outcome: "created", name: "c" }]);
  expect(other.lastRevision).toBe(start + 3);
  expect((await call("GET", `/changes?after=${start}&mesh=elsewhere`)).json.items).toEqual([]);
  expect((await call("GET", "/changes?after=newest")).json).toEqual({ lastRevision: start + 3, items: [] });
  expect((await call("GET", "/changes?kind=nonsense")).status).toBe(400);
  await store.compact(start + 1);
  expect((await call("GET", `/changes?after=${start}`)).json).toMatchObject({ status: 410, title: "Gone" });
  expect((await call("GET", "/changes?after=x")).status).toBe(400);
});

test("with wait it goes on line by line", async () => {
  const api = await testApi();
  const start = await api.store.revision();
  const feed = await stream(api, `/changes?after=${start}&wait=true`);
  expect(feed.answer.headers.get("content-type")).toBe("application/x-ndjson");
  await feed.until(`{"lastRevision":${start}}\n`);
  await api.call("PUT", "/meshes/default/traffic-routes/a", trafficRoute("a"));
  await feed.until(`{"lastRevision":${start + 1}}\n`);
  await api.call("PUT", "/meshes/default/traffic-routes/b", trafficRoute("b"));
  const lines = (await feed.until(`{"lastRevision":${start + 2}}\n`)).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).name ?? JSON.parse(line).lastRevision)).toEqual([
    start,
    "a",
    start + 1,
    "b",
    start + 2,
  ]);
});

test("secrets in the feed and the history show their content only to administrators", async () => {
  const { call, store } = await testApi();
  const start = await store.revision();
  await call("PUT", "/meshes/default/secrets/s", { type: "Secret", mesh: "default", name: "s", data: "c2VjcmV0" });
  for (const url of [`/changes?after=${start}`, `/history/${start + 1}`]) {
    expect((await call("GET", url)).text).toContain("c2VjcmV0");
    const answer = await call("GET", url, undefined, elsewhere);
    expect(answer.text).not.toContain("c2VjcmV0");
    expect(answer.text).toContain('"name": "s"');
  }
});

test("history says who changed what and why, newest first", async () => {
  const { call, store } = await testApi();
  const start = await store.revision();
  await call("PUT", "/meshes/default/traffic-routes/a", trafficRoute("a"), { "meridian-message": "a canary\nforged line" });
  await call("PUT", "/meshes/default/traffic-routes/a", trafficRoute("a", 50), {
    ...elsewhere,
    authorization: "Bearer user:jane",
  });
  const { items, before } = (await call("GET", "/history?size=2")).json;
  expect(items).toMatchObject([
    { revision: start + 2, author: "jane", changes: [{ op: "put", type: "TrafficRoute", mesh: "default", name: "a" }] },
    { revision: start + 1, author: "mesh-system:admin", address: "127.0.0.1", message: "a canary forged line" },
  ]);
  expect(before).toBe(start + 1);
  expect((await call("GET", `/history?size=1&before=${start + 2}`)).json.items).toMatchObject([{ revision: start + 1 }]);
  const one = (await call("GET", `/history/${start + 2}`)).json;
  expect(one).toMatchObject({
    revision: start + 2,
    changes: [{ before: { conf: { split: [{ weight: 90 }, {}] } }, after: { conf: { split: [{ weight: 50 }, {}] } } }],
  });
  expect((await call("GET", "/history/999")).status).toBe(404);
  expect((await call("GET", "/history/x")).status).toBe(400);
  await store.compact(start + 1);
  expect((await call("GET", "/history")).json).toMatchObject({ items: [{ revision: start + 2 }], before: null });
});

test("convergence is answered at once, or followed until it is there", async () => {
  const api = await testApi();
  const revision = await api.store.revision();
  api.convergence.zones = [sampleZone("east", { convergedRevision: revision - 1 })];
  expect((await api.call("GET", `/convergence?revision=${revision}`)).json).toMatchObject({
    revision,
    converged: false,
    zones: [{ zone: "east" }],
  });
  expect((await api.call("GET", `/convergence?revision=${revision + 1}`)).status).toBe(400);

  const events = await stream(api, `/convergence?revision=${revision}&wait=true`);
  expect(events.answer.headers.get("content-type")).toBe("text/event-stream");
  expect(await events.until("\n\n")).toMatch(/^event: progress\ndata: \{"revision":\d+,"converged":false/);
  api.convergence.set(sampleZone("east", { convergedRevision: revision }));
  const text = await events.until("event: converged\n");
  expect(text.match(/event: /g)).toHaveLength(2);
  expect(api.convergence.listeners).toBe(0);
});

test("convergence of every zone is followed until the last of them is heard", async () => {
  const api = await testApi();
  const revision = await api.store.revision();
  const east = sampleZone("east", { convergedRevision: revision });
  api.convergence.zones = [east, sampleZone("west", { status: "unknown", convergedRevision: 0 })];
  const ofEveryZone = await stream(api, `/convergence?revision=${revision}&wait=true&everyZone=true`);
  expect(await ofEveryZone.until("\n\n")).toMatch(/^event: progress\ndata: \{"revision":\d+,"converged":true/);
  api.convergence.set(east, sampleZone("west", { convergedRevision: revision }));
  await ofEveryZone.until("event: converged\n");
});

test("who leaves is forgotten, and closing the server ends open streams", async () => {
  const api = await testApi({ limits: { heartbeatIntervalMs: 5 } });
  const revision = await api.store.revision();
  api.convergence.zones = [sampleZone("east", { convergedRevision: 0 })];
  const events = await stream(api, `/convergence?revision=${revision}&wait=true`);
  await events.until(": still here");
  expect(api.convergence.listeners).toBe(1);
  const closing = api.app.close();
  await events.until("never").catch(() => undefined);
  await closing;
  await expect.poll(() => api.convergence.listeners, { timeout: 20_000 }).toBe(0);
});
