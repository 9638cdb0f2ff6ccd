import { createServer, type IncomingHttpHeaders } from "node:http";

/** What an echo upstream answers, as JSON. */
export interface EchoAnswer {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface EchoUpstream {
  readonly port: number;
  /** Requests answered so far. */
  readonly requestCount: number;
  stop(): Promise<void>;
}

export interface EchoOptions {
  /** Says in each answer who answered. */
  readonly name: string;
  /** 0, the default, picks a free one. */
  readonly port?: number;
}

/** A workload: an HTTP/1.1 server on 127.0.0.1 that answers 200 with what it was asked. */
export async function startEcho({ name, port = 0 }: EchoOptions): Promise<EchoUpstream> {
  let requestCount = 0;
  const server = createServer((request, response) => {
    requestCount += 1;
    const answer: EchoAnswer = { name, method: request.method ?? "", path: request.url ?? "", headers: request.headers };
    response.writeHead(200, { "content-type": "application/json", "x-echo": name });
    request.resume().on("end", () => response.end(JSON.stringify(answer)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    get requestCount() {
      return requestCount;
    },
    stop() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
