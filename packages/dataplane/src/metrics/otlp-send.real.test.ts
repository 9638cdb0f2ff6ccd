import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { sendOtlp } from "./otlp-send.ts";

let folder = "";
let socketPath = "";
const servers: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mos-"));
  socketPath = join(folder, "collector.sock");
});

afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await rm(folder, { recursive: true });
});

function listen(server: Server): Promise<void> {
  servers.push(server);
  return new Promise((resolve) => server.listen(socketPath, resolve));
}

/** A gRPC collector that answers with this status, after it has read everything. */
async function grpcCollector(answer: (stream: ServerHttp2Stream, received: Buffer, path: unknown) => void): Promise<void> {
  const server = createHttp2Server();
  server.on("stream", (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => answer(stream, Buffer.concat(chunks), headers[":path"]));
  });
  await listen(server);
}

it("hands a message to a gRPC collector", async () => {
  let taken: unknown;
  await grpcCollector((stream, received, path) => {
    taken = [path, [...received]];
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.alloc(5));
  });
  await sendOtlp(socketPath, "grpc", Buffer.from([1, 2]));
  expect(taken).toEqual(["/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", [0, 0, 0, 0, 2, 1, 2]]);
});

it("says why a gRPC collector did not take it", async () => {
  await grpcCollector((stream) => {
    const status = {
      ":status": 200,
      "content-type": "application/grpc",
      "grpc-status": "14",
      "grpc-message": "no healthy upstream",
    };
    stream.respond(status, { endStream: true });
  });
  await expect(sendOtlp(socketPath, "grpc", Buffer.alloc(0))).rejects.toThrow("gRPC status 14 no healthy upstream");
});

it("speaks HTTP to collectors that do, and says what they answer", async () => {
  const asked: unknown[] = [];
  await listen(
    createServer((request, response) => {
      asked.push([request.url, request.headers["content-type"]]);
      response.writeHead(asked.length === 1 ? 200 : 503).end();
    }),
  );
  await sendOtlp(socketPath, "http", Buffer.from([1]));
  expect(asked).toEqual([["/v1/metrics", "application/x-protobuf"]]);
  await expect(sendOtlp(socketPath, "http", Buffer.from([1]))).rejects.toThrow("HTTP status 503");
});

it.each(["grpc", "http"] as const)("fails over %s where nobody listens", async (protocol) => {
  await expect(sendOtlp(socketPath, protocol, Buffer.alloc(0))).rejects.toThrow("ENOENT");
});
