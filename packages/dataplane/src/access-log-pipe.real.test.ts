import { closeSync, existsSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@meridian/base";
import { freePorts, waitFor } from "@meridian/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AccessLogPipe } from "./access-log-pipe.ts";

let folder = "";
let path = "";
let pipe: AccessLogPipe;
let collector: Server;
let connections: Socket[] = [];
let received = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mal-"));
  path = join(folder, "kuma-al-web-1-default.sock");
  pipe = new AccessLogPipe(path, silentLogger);
  received = "";
  connections = [];
  collector = createServer((connection) => {
    connections.push(connection);
    connection.setEncoding("utf8").on("data", (text: string) => {
      received += text;
    });
  });
});

afterEach(async () => {
  await pipe.stop();
  for (const connection of connections) connection.destroy();
  collector.close();
  await rm(folder, { recursive: true });
});

function listen(port: number): Promise<number> {
  return new Promise((resolve) => {
    collector.listen(port, "127.0.0.1", () => resolve((collector.address() as AddressInfo).port));
  });
}

/** As an Envoy does that comes and goes. */
function writeToPipe(text: string): void {
  const fd = openSync(path, "a");
  writeSync(fd, text);
  closeSync(fd);
}

it("forwards lines to their collectors, one Envoy after the other", async () => {
  const port = await listen(0);
  expect(await pipe.start()).toBe(true);
  writeToPipe(`{"address":"127.0.0.1:${port}","message":"first\\n"}\n127.0.0.1:${port};second\n`);
  await waitFor("both lines", () => received === "first\nsecond\n");
  writeToPipe(`{"address":"127.0.0.1:${port}","message":{"n":"3"}}\n`);
  await waitFor("the third", () => received.endsWith('{"n":"3"}\n'));
  await pipe.stop();
  expect(existsSync(path)).toBe(false);
});

it("keeps lines while a collector is away, and connects again after it hung up", async () => {
  const [port = 0] = await freePorts(1);
  await pipe.start();
  writeToPipe(`127.0.0.1:${port};early\n`);
  await listen(port);
  await waitFor("the early line", () => received === "early\n");
  connections[0]?.destroy();
  await waitFor("a line over a new connection", () => {
    writeToPipe(`127.0.0.1:${port};late\n`);
    return received.includes("late\n") && connections.length === 2;
  });
});

it("says that it cannot where there is no place for a pipe", async () => {
  expect(await new AccessLogPipe(join(folder, "missing", "pipe"), silentLogger).start()).toBe(false);
});
