import type { ServerResponse } from "node:http";
import { afterEach, expect, test } from "vitest";
import type { FeedLine } from "./answers/history.ts";
import { createClient } from "./client.ts";
import { readFeed } from "./feed.ts";
import { createRequester } from "./requester.ts";
import { serve, type TestServer } from "./testing/server.ts";

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const change = { revision: 8, op: "put", outcome: "created", type: "Mesh", name: "m", author: "jane" };

/** A control plane whose feed answers what `write` writes; its address. */
async function feedOf(write: (answer: ServerResponse) => void): Promise<{ readonly address: string; readonly urls: string[] }> {
  const urls: string[] = [];
  server = await serve((request, answer) => {
    urls.push(request.url ?? "");
    write(answer.writeHead(200, { "content-type": "application/x-ndjson" }));
  });
  return { address: `http://127.0.0.1:${server.port}`, urls };
}

async function all(lines: AsyncIterable<FeedLine>): Promise<readonly FeedLine[]> {
  const found: FeedLine[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

test("the feed is read line by line, heartbeats are skipped", async () => {
  const { address, urls } = await feedOf((answer) => {
    answer.write(`{"lastRevision":7}\n\n${JSON.stringify(change).slice(0, 20)}`);
    answer.end(`${JSON.stringify(change).slice(20)}\n{"lastRevision":8}\n`);
  });
  const client = createClient({ address });
  const lines = await all(client.watchChanges({ after: 7, kind: "Mesh" }, new AbortController().signal));
  expect(lines).toEqual([{ lastRevision: 7 }, { change }, { lastRevision: 8 }]);
  expect(urls).toEqual(["/changes?after=7&kind=Mesh&wait=true"]);
});

test("who aborts is not bothered with an error", async () => {
  const { address } = await feedOf((answer) => answer.write('{"lastRevision":7}\n'));
  const abort = new AbortController();
  for await (const _ of createClient({ address }).watchChanges({ after: "newest" }, abort.signal)) abort.abort();
});

test("a connection that falls silent is given up", async () => {
  const { address } = await feedOf((answer) => answer.write('{"lastRevision":7}\n'));
  const options = { path: "/changes", signal: new AbortController().signal, silenceMs: 20 };
  await expect(all(readFeed(createRequester({ address }), options))).rejects.toMatchObject({
    code: "UNREACHABLE",
    message: expect.stringContaining("no answer within 0.02 s"),
  });
});

test("what is not JSON is not the feed of a control plane", async () => {
  const { address } = await feedOf((answer) => answer.end("<html>\n"));
  const reading = all(createClient({ address }).watchChanges({ after: 1 }, new AbortController().signal));
  await expect(reading).rejects.toMatchObject({ code: "UNEXPECTED_ANSWER" });
});
