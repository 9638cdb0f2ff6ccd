import { request as httpRequest } from "node:http";
import { connect } from "node:http2";
import { connect as connectSocket } from "node:net";

const timeoutMs = 10_000;
const grpcPath = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

/** Sends one request through a unix socket of Envoy's, which knows the collector. @throws Error when it was not taken. */
export function sendOtlp(socketPath: string, protocol: "grpc" | "http", message: Buffer): Promise<void> {
  return protocol === "grpc" ? sendGrpc(socketPath, message) : sendHttp(socketPath, message);
}

/** A unary call (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). */
function sendGrpc(socketPath: string, message: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const session = connect("http://localhost", { createConnection: () => connectSocket(socketPath) });
    const fail = (error: Error): void => {
      session.destroy();
      reject(error);
    };
    session.once("error", fail);
    const headers = { ":method": "POST", ":path": grpcPath, "content-type": "application/grpc", te: "trailers" };
    const call = session.request(headers);
    call.setTimeout(timeoutMs, () => fail(new Error(`no answer within ${timeoutMs} ms`)));
    let status: string | undefined;
    // Errors without a body have their status among the headers.
    for (const event of ["response", "trailers"] as const) {
      call.on(event, (answer: Readonly<Record<string, unknown>>) => {
        const { "grpc-status": code, "grpc-message": text = "" } = answer;
        if (code !== undefined) status = String(code) === "0" ? "" : `gRPC status ${String(code)} ${String(text)}`;
      });
    }
    call.once("error", fail).once("end", () => {
      session.close();
      if (status === "") resolve();
      else reject(new Error(status ?? "the collector ended the call without a status"));
    });
    call.resume();
    const frame = Buffer.alloc(5);
    frame.writeUInt32BE(message.length, 1);
    call.end(Buffer.concat([frame, message]));
  });
}

function sendHttp(socketPath: string, message: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { host: "localhost", "content-type": "application/x-protobuf", "content-length": message.length };
    const signal = AbortSignal.timeout(timeoutMs);
    const options = { socketPath, path: "/v1/metrics", method: "POST", agent: false, headers, signal };
    const call = httpRequest(options, (response) => {
      const { statusCode = 0 } = response;
      response.resume().once("error", reject);
      response.once("end", () => {
        if (statusCode >= 200 && statusCode < 300) resolve();
        else reject(new Error(`HTTP status ${statusCode}`));
      });
    });
    call.once("error", reject).end(message);
  });
}
