import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { planWorld } from "./testing/plan-world.ts";
import type { TestApi } from "./testing/test-api.ts";

const limits = { resourceBodyBytes: 100_000, batchBodyBytes: 300_000 };
const paths = [
  ["PUT", "/meshes/default/traffic-routes/a", limits.resourceBodyBytes],
  ["POST", "/apply", limits.batchBodyBytes],
  ["POST", "/plan", limits.batchBodyBytes],
  ["POST", "/meshes/default/_explain", limits.resourceBodyBytes],
  ["POST", "/rollback", limits.resourceBodyBytes],
  ["POST", "/tokens/user", 64 * 1024],
] as const;

let api: TestApi;
let port: number;
beforeAll(async () => {
  api = await planWorld({ limits });
  await api.app.listen({ host: "127.0.0.1", port: 0 });
  ({ port } = api.app.server.address() as AddressInfo);
});
afterAll(() => api.app.close());

/** In pieces of 64 KiB, as fast as the server takes them; `length` says how much there will be, or it comes chunked. */
async function send(method: string, path: string, bytes: number, isChunked: boolean): Promise<{ status: number; body: string }> {
  const head = '{"text":"';
  const piece = "x".repeat(65_536);
  function* body(): Generator<string> {
    yield head;
    for (let sent = head.length; sent < bytes; sent += piece.length) yield piece.slice(0, bytes - sent);
  }
  const length = isChunked ? {} : { "content-length": bytes };
  const call = request({ host: "127.0.0.1", port, method, path, headers: { "content-type": "application/json", ...length } });
  const answered = once(call, "response") as Promise<[IncomingMessage]>;
  // The server need not read to the end what it refuses.
  const sent = pipeline(Readable.from(body()), call).catch(() => {});
  const [response] = await answered;
  const text = (await response.toArray()).join("");
  call.destroy();
  await sent;
  return { status: response.statusCode ?? 0, body: text };
}

test.each(paths)("%s %s refuses a body that is larger than %d bytes, however it comes", async (method, path, limit) => {
  const revision = await api.store.revision();
  for (const bytes of [limit + 1, 10 * limit, 5_000_000]) {
    for (const isChunked of [false, true]) {
      const { status, body } = await send(method, path, bytes, isChunked);
      expect([bytes, isChunked, status]).toEqual([bytes, isChunked, 413]);
      expect(JSON.parse(body)).toMatchObject({ type: "/std-errors", status: 413, title: "Payload Too Large" });
    }
  }
  // As large as it may be: judged by what it says.
  expect((await send(method, path, limit, true)).status).toBe(400);
  expect(await api.store.revision()).toBe(revision);
});

test("a packed body is refused as what it is, not as broken JSON", async () => {
  const payload = gzipSync(JSON.stringify({ documents: [] }));
  for (const [method, url] of paths) {
    const headers = { host: "localhost:5681", "content-type": "application/json", "content-encoding": "gzip" };
    const { statusCode, body, headers: answered } = await api.app.inject({ method, url, payload, headers });
    expect([statusCode, body, answered["accept-encoding"]]).toEqual([415, "415: Unsupported Media Type", "identity"]);
  }
});
