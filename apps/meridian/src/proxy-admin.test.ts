import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { proxyAdmin } from "./proxy-admin.ts";

const servers: Server[] = [];
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "proxy-admin-"));
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
  await rm(directory, { recursive: true });
});

async function serve(listener: RequestListener, socketPath?: string): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  if (socketPath === undefined) server.listen(0, "127.0.0.1");
  else server.listen(socketPath);
  await once(server, "listening");
  return (server.address() as AddressInfo).port ?? 0;
}

function ask(admin: object, query?: string): Promise<string> {
  const session = { proxy: { description: { admin: { address: "127.0.0.1", port: 0, ...admin } } } };
  const proxies = { get: (id: string) => (id === "default.web" ? (session as never) : undefined) };
  const wanted = { type: "clusters", proxyKind: "Dataplane", mesh: "default", name: "web", ...(query && { query }) } as const;
  return proxyAdmin(proxies).request("east", wanted);
}

describe("asking a proxy's Envoy", () => {
  it("goes to its socket, or to its port on this machine", async () => {
    const socketPath = join(directory, "admin.sock");
    await serve((request, response) => response.end(`socket ${request.url}`), socketPath);
    const port = await serve((request, response) => response.end(`port ${request.url}`));
    expect(await ask({ socketPath }, "format=json")).toBe("socket /clusters?format=json");
    expect(await ask({ port })).toBe("port /clusters");
  });

  it("never goes to another machine, whatever the proxy says", async () => {
    await expect(ask({ address: "10.0.0.1", port: 9901 })).rejects.toThrow("not this machine");
    await expect(ask({ port: 0 })).rejects.toThrow("it has none");
  });

  it("says what is wrong", async () => {
    const refused = { code: "PROXY_UNREACHABLE" };
    await expect(ask({ socketPath: join(directory, "nobody.sock") })).rejects.toMatchObject(refused);
    const failing = await serve((_request, response) => response.writeHead(503).end("starting"));
    await expect(ask({ port: failing })).rejects.toThrow("it answers 503: starting");
    const cutting = await serve((_request, response) => {
      response.writeHead(200, { "content-length": 100 }).write("half");
      response.destroy();
    });
    await expect(ask({ port: cutting })).rejects.toMatchObject(refused);
    await expect(ask({ port: cutting }, "a b\n")).rejects.toMatchObject(refused);
  });

  it("of one that is not connected rejects, and never throws", async () => {
    const admin = proxyAdmin({ get: () => undefined });
    const asking = admin.request("east", { type: "stats", proxyKind: "Dataplane", mesh: "default", name: "web" });
    await expect(asking).rejects.toMatchObject({ code: "PROXY_OFFLINE" });
  });
});
