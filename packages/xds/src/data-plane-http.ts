import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Logger } from "@meridian/base";

export interface BootstrapHttpRequest {
  readonly headers: IncomingHttpHeaders;
  /** The `host` header: under which name the data plane reached this server. Empty when absent. */
  readonly host: string;
  readonly body: string;
}

export interface BootstrapHttpResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

export type BootstrapHandler = (request: BootstrapHttpRequest) => Promise<BootstrapHttpResponse>;

/** By path; each answers POST. */
export type DataPlaneRoutes = ReadonlyMap<string, BootstrapHandler>;

/** A data plane resource with its transparent proxy config has kilobytes. */
const maxBodyBytes = 4 * 1024 * 1024;

/** What data planes ask over HTTP/1.1. */
export function dataPlaneListener(routes: DataPlaneRoutes, logger: Logger): RequestListener {
  return (request, response) => {
    answer(request, routes)
      .catch((error: unknown) => {
        logger.error({ err: error, path: request.url }, "request of a data plane failed");
        return text(500, "internal error; see the log of the control plane");
      })
      .then((result) => write(response, result))
      .catch(() => response.destroy());
  };
}

async function answer(request: IncomingMessage, routes: DataPlaneRoutes): Promise<BootstrapHttpResponse> {
  const handler = routes.get((request.url ?? "").split("?", 1)[0] ?? "");
  if (!handler) return text(404, "not found: this port serves POST /bootstrap and discovery over gRPC");
  if (request.method !== "POST") return text(405, "use POST");
  const body = await readBody(request);
  if (body === undefined) return text(413, `the request has more than ${maxBodyBytes} bytes`);
  return handler({ headers: request.headers, host: request.headers.host ?? "", body });
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= maxBodyBytes) chunks.push(chunk);
  }
  return sizeBytes > maxBodyBytes ? undefined : Buffer.concat(chunks).toString("utf8");
}

function text(status: number, body: string): BootstrapHttpResponse {
  return { status, contentType: "text/plain; charset=utf-8", body };
}

function write(response: ServerResponse, { status, contentType, body }: BootstrapHttpResponse): void {
  response.writeHead(status, { "content-type": contentType, "content-length": Buffer.byteLength(body) });
  response.end(body);
}
