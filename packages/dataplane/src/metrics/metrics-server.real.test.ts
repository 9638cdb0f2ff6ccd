import { mkdtemp, rm } from "node:fs/promises";
import { createServer, get, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { silentLogger } from "@meridian/base";
import { freePorts } from "@meridian/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { askLocal } from "../local-http.ts";
import { MetricsServer } from "./metrics-server.ts";
import { SettingsReader } from "./settings.ts";

let folder = "";
let server: MetricsServer;
const servers: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mms-"));
  const settings = new SettingsReader(join(folder, "settings.sock"));
  server = new MetricsServer({ socketPath: join(folder, "metrics.sock"), settings, logger: silentLogger });
  await server.start();
});

afterEach(async () => {
  await server.stop();
  for (const each of servers.splice(0)) each.close().closeAllConnections();
  await rm(folder, { recursive: true });
});

function listen(at: string | number, listener: RequestListener): Promise<number> {
  const started = createServer(listener);
  servers.push(started);
  return new Promise((resolve) => {
    const done = (): void => resolve((started.address() as AddressInfo | null)?.port ?? 0);
    if (typeof at === "string") started.listen(at, done);
    else started.listen(at, "127.0.0.1", done);
  });
}

/** Plays Envoy's admin API: what it shows tells what it was asked for. */
async function envoyAt(): Promise<number> {
  return listen(0, ({ url }, response) => response.end(`# TYPE envoy_asked gauge\nenvoy_asked{url=${JSON.stringify(url)}} 1\n`));
}

async function settings(page: object, path = "/meshmetric"): Promise<void> {
  await listen(join(folder, "settings.sock"), ({ url }, response) => {
    if (url === path) response.end(JSON.stringify(page));
    else response.writeHead(404).end();
  });
}

const ask = (path: string) => askLocal({ socketPath: join(folder, "metrics.sock") }, path, { timeoutMs: 5_000 });

it("answers with Envoy's metrics and the applications', and says which application was away", async () => {
  server.follow({ host: "127.0.0.1", port: await envoyAt() });
  const app = await listen(0, (_, response) => response.end("# TYPE orders_placed counter\norders_placed 7\n"));
  const [away = 0] = await freePorts(1);
  const applications = [
    { name: "orders", address: "127.0.0.1", port: app, path: "/metrics" },
    { name: "gone", address: "127.0.0.1", port: away, path: "/metrics" },
  ];
  await settings({ observability: { metrics: { applications, backends: [{ type: "Prometheus" }] } } });
  const { status, body } = await ask("/meshmetric");
  expect(status).toBe(200);
  expect(body).toContain('envoy_asked{url="/stats/prometheus?usedonly"} 1\n');
  expect(body).toContain("# TYPE orders_placed counter\norders_placed 7\n");
  expect(body).toContain('meridian_application_up{application="orders"} 1\nmeridian_application_up{application="gone"} 0\n');
});

it("passes the Mesh's own query on to Envoy, compressed where that is asked for", async () => {
  const port = await envoyAt();
  server.follow({ host: "127.0.0.1", port });
  expect((await ask("/?filter=http.*&usedonly")).body).toContain("/stats/prometheus?filter=http.*&usedonly");
  const compressed = await new Promise<Buffer>((resolve, reject) => {
    get({ socketPath: join(folder, "metrics.sock"), path: "/", headers: { "accept-encoding": "gzip" } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => resolve(Buffer.concat(chunks)));
    }).on("error", reject);
  });
  expect(gunzipSync(compressed).toString()).toContain("envoy_asked");
});

it("has nothing where nothing is wanted, and says when Envoy is away", async () => {
  expect((await ask("/meshmetric")).status).toBe(404);
  expect(await ask("/")).toMatchObject({ status: 503, body: "Envoy is not running yet\n" });
  const [away = 0] = await freePorts(1);
  server.follow({ host: "127.0.0.1", port: away });
  expect((await ask("/")).status).toBe(503);
});
