import { connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import { connect } from "node:tls";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import { encodeMessage, typeUrls } from "@meridian/envoy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestControlPlane } from "./testing/test-control-plane.ts";

let controlPlane: TestControlPlane;
beforeEach(async () => {
  controlPlane = new TestControlPlane();
  await controlPlane.start();
});
afterEach(() => controlPlane.stop());

function call(method: string, path: string, body = ""): Promise<{ status: number; body: string; contentType: string }> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: controlPlane.port, ca: controlPlane.caPem, agent: false };
    const sent = request({ ...options, method, path }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: text, contentType: response.headers["content-type"] ?? "" }),
      );
    });
    sent.on("error", reject).end(body);
  });
}

const identity = (bytes: Buffer): Buffer => bytes;

/** Opens an incremental stream and sends one request; resolves with the status that ends it. */
function streamStatus(bytes: Uint8Array): Promise<{ code: number; details: string }> {
  const client = new Client(`127.0.0.1:${controlPlane.port}`, credentials.createSsl(Buffer.from(controlPlane.caPem)));
  const path = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";
  const metadata = new Metadata();
  metadata.set("authorization", "secret");
  return new Promise((resolve) => {
    const stream = client.makeBidiStreamRequest(path, identity, identity, metadata, {});
    stream.on("data", () => {});
    stream.on("error", () => {});
    stream.on("status", ({ code, details }) => {
      client.close();
      resolve({ code, details });
    });
    stream.write(Buffer.from(bytes));
  });
}

function deltaRequest(node: object | undefined): Uint8Array {
  return encodeMessage("envoy.service.discovery.v3.DeltaDiscoveryRequest", {
    typeUrl: typeUrls.cluster,
    ...(node && { node }),
  } as never);
}

describe("the data plane port", () => {
  it("serves the bootstrap over HTTP/1.1 and nothing else", async () => {
    const answer = await call("POST", "/bootstrap", '{"name":"web"}');
    expect(answer).toEqual({ status: 200, contentType: "text/plain", body: `127.0.0.1:${controlPlane.port} {"name":"web"}` });
    expect((await call("GET", "/bootstrap")).status).toBe(405);
    expect((await call("GET", "/config")).status).toBe(404);
    expect((await call("POST", "/bootstrap", "x".repeat(5 * 1024 * 1024))).status).toBe(413);
  });

  it("refuses TLS before 1.2", async () => {
    const outcome = await new Promise<string>((resolve) => {
      const options = { host: "127.0.0.1", port: controlPlane.port, rejectUnauthorized: false };
      const socket = connect({ ...options, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" });
      socket.on("secureConnect", () => resolve("connected"));
      socket.on("error", () => resolve("refused"));
    });
    expect(outcome).toBe("refused");
  });

  it("understands HTTP/2 from a client that does not negotiate it", async () => {
    const options = { host: "127.0.0.1", port: controlPlane.port, ca: controlPlane.caPem };
    const session = connectHttp2(`https://127.0.0.1:${controlPlane.port}`, {
      createConnection: () => connect(options),
    });
    const code = await new Promise<unknown>((resolve, reject) => {
      session.on("error", reject);
      const stream = session.request({ ":method": "POST", ":path": "/no.such/Method", "content-type": "application/grpc" });
      stream.on("response", (headers) => resolve(headers["grpc-status"]));
      stream.end();
    });
    session.destroy();
    expect(Number(code)).toBe(status.UNIMPLEMENTED);
  });

  it("ends a stream with the reason of the registry", async () => {
    controlPlane.refuseWith = { code: "PERMISSION_DENIED", message: "the token is for another proxy" };
    const outcome = await streamStatus(deltaRequest({ id: "default.web" }));
    expect(outcome).toEqual({ code: status.PERMISSION_DENIED, details: "the token is for another proxy" });
    expect(controlPlane.hellos[0]?.authorization).toEqual(["secret"]);
  });

  it("ends a stream whose first request is no request or names no node", async () => {
    expect((await streamStatus(Buffer.from("garbage"))).code).toBe(status.INVALID_ARGUMENT);
    const outcome = await streamStatus(deltaRequest(undefined));
    expect(outcome).toEqual({ code: status.INVALID_ARGUMENT, details: "the first request of a stream must carry the node" });
  });

  it("ends streams with UNAVAILABLE when it stops, and tells their owner once", async () => {
    const outcome = streamStatus(deltaRequest({ id: "default.web" }));
    while (controlPlane.hellos.length === 0) await new Promise(setImmediate);
    await controlPlane.stop();
    expect((await outcome).code).toBe(status.UNAVAILABLE);
    expect(controlPlane.closedStreams).toBe(1);
  });
});
