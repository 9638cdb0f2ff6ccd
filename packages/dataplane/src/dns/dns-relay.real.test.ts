import { createSocket, type Socket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { silentLogger } from "@meridian/base";
import { dnsListener, renderBootstrap } from "@meridian/envoy";
import { freePorts, startEnvoy } from "@meridian/testkit";
import { afterEach, expect, it } from "vitest";
import { askTcp, askUdp, type NameServer } from "./ask.ts";
import { DnsRelay } from "./dns-relay.ts";
import { framed, unframed } from "./message.ts";

const codes = { noError: 0, serverFailure: 2, noSuchName: 3 } as const;
const patienceMs = 20_000;
const open: (Socket | Server)[] = [];
let relay: DnsRelay | undefined;

afterEach(async () => {
  await relay?.stop();
  relay = undefined;
  for (const each of open.splice(0)) each.close();
});

/** Nothing but a header and a byte in which whoever answers leaves a mark. */
function query(id: number): Buffer {
  return Buffer.from([0, id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
}

function answer(asked: Buffer, code: number, mark: number): Buffer {
  const given = Buffer.from(asked);
  given[2] = 0x81;
  given[3] = 0x80 | code;
  given[12] = mark;
  return given;
}

function codeAndMark(message: Buffer | undefined): readonly (number | undefined)[] {
  return [message && (message[3] ?? 0) & 0x0f, message?.[12]];
}

async function nameServer(code: number, mark: number): Promise<NameServer> {
  const [port = 0] = await freePorts(1);
  const udp = createSocket("udp4").bind(port, "127.0.0.1");
  const tcp = createServer((connection) => {
    connection.on("data", (bytes) => {
      for (const asked of unframed(bytes).messages) connection.write(framed(answer(asked, code, mark)));
    });
  }).listen(port, "127.0.0.1");
  open.push(udp, tcp);
  await Promise.all([once(udp, "listening"), once(tcp, "listening")]);
  udp.on("message", (asked, from) => udp.send(answer(asked, code, mark), from.port, from.address));
  return { host: "127.0.0.1", port };
}

async function nobody(): Promise<NameServer> {
  const [port = 0] = await freePorts(1);
  return { host: "127.0.0.1", port };
}

async function startRelay(envoy: NameServer, ...nameServers: readonly NameServer[]): Promise<NameServer> {
  const at = await nobody();
  const waits = { envoyTimeoutMs: patienceMs, timeoutMs: patienceMs };
  const options = { envoyPort: envoy.port, nameServers: async () => nameServers, logger: silentLogger };
  relay = new DnsRelay({ ...at, ...waits, ...options });
  await relay.start();
  return at;
}

it("what Envoy knows is answered by it, and nobody else is asked", async () => {
  const at = await startRelay(await nameServer(codes.noError, 1), await nameServer(codes.noError, 2));
  expect(codeAndMark(await askUdp(query(7), at, patienceMs))).toEqual([codes.noError, 1]);
  expect(codeAndMark(await askTcp(query(8), at, patienceMs))).toEqual([codes.noError, 1]);
});

it("what Envoy does not know the host's name servers are asked for, over UDP and TCP", async () => {
  const at = await startRelay(await nameServer(codes.noSuchName, 1), await nameServer(codes.noError, 2));
  expect(codeAndMark(await askUdp(query(7), at, patienceMs))).toEqual([codes.noError, 2]);
  expect(codeAndMark(await askTcp(query(8), at, patienceMs))).toEqual([codes.noError, 2]);
});

it("while Envoy does not listen, other names are answered all the same", async () => {
  const at = await startRelay(await nobody(), await nobody(), await nameServer(codes.noSuchName, 3));
  expect(codeAndMark(await askUdp(query(7), at, patienceMs))).toEqual([codes.noSuchName, 3]);
});

it("a name that nobody can be asked for fails, so that the workload asks somebody else", async () => {
  const at = await startRelay(await nobody(), await nobody());
  expect(codeAndMark(await askUdp(query(7), at, patienceMs))[0]).toBe(codes.serverFailure);
});

it("a name that has an IPv4 address only is not denied to those who ask for another", async () => {
  const [envoyPort = 0, port = 0] = await freePorts(2);
  const staticResources = {
    listeners: [dnsListener({ port: envoyPort, records: [{ name: "web.mesh", addresses: ["240.0.0.1"] }], ttlMs: 30_000 })],
  };
  const envoy = await startEnvoy({ bootstrapYaml: renderBootstrap({ staticResources }) });
  const at = { host: "127.0.0.1", port };
  relay = new DnsRelay({ ...at, envoyPort, nameServers: async () => [], logger: silentLogger, envoyTimeoutMs: patienceMs });
  await relay.start();
  const resolver = new Resolver({ timeout: patienceMs });
  resolver.setServers([`127.0.0.1:${port}`]);
  try {
    expect(await resolver.resolve4("web.mesh")).toEqual(["240.0.0.1"]);
    await expect(resolver.resolve6("web.mesh")).rejects.toMatchObject({ code: "ENODATA" });
    await expect(resolver.resolveTxt("web.mesh")).rejects.toMatchObject({ code: "ENODATA" });
    await expect(resolver.resolve6("other.mesh")).rejects.toMatchObject({ code: "ENOTFOUND" });
  } finally {
    await envoy.stop();
  }
});

it("many at once each get their own answer", async () => {
  const at = await startRelay(await nameServer(codes.noSuchName, 1), await nameServer(codes.noError, 2));
  const answers = await Promise.all(Array.from({ length: 200 }, (_, id) => askUdp(query(id), at, patienceMs)));
  expect(answers.map((each) => each?.[1])).toEqual(Array.from({ length: 200 }, (_, id) => id));
});

it("noise is not answered and does no harm", async () => {
  const at = await startRelay(await nameServer(codes.noError, 1));
  const socket = createSocket("udp4");
  open.push(socket);
  for (const noise of ["", "x", "not a query, but long enough"]) socket.send(noise, at.port, at.host);
  expect(codeAndMark(await askUdp(query(7), at, patienceMs))).toEqual([codes.noError, 1]);
});

it("a port that is taken is told of", async () => {
  const at = await startRelay(await nobody());
  const other = new DnsRelay({ ...at, envoyPort: 1, nameServers: async () => [], logger: silentLogger });
  await expect(other.start()).rejects.toMatchObject({ code: "EADDRINUSE" });
});
