import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";

export interface UpstreamPlan {
  readonly host: string;
  readonly port: number;
  readonly service: string;
  readonly version: string;
  readonly zone: string;
  /** Status of the answer to a request for a path, at once or after a while; absent: always 200. */
  readonly statusOf?: StatusOf;
  /** Of a server outside of the mesh, whose connections serve one request each; absent: it speaks plain text. */
  readonly tls?: UpstreamTls;
}

export interface UpstreamTls {
  readonly certPem: string;
  readonly keyPem: string;
  /** Clients must show a certificate of this CA. */
  readonly clientCaPem?: string;
}

export type StatusOf = (path: string) => number | Promise<number>;

/** What a workload answers: who it is and what reached it. */
export interface UpstreamAnswer {
  readonly service: string;
  readonly version: string;
  readonly zone: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** SPIFFE id of the caller, as the sidecar verified it. */
  readonly caller: string | undefined;
}

export interface Upstream {
  stop(): Promise<void>;
}

/** A workload in the test's own process: it knows nothing of the mesh. `?bytes=N` makes its answer so much longer. */
export async function startUpstream({
  host,
  port,
  service,
  version,
  zone,
  statusOf = () => 200,
  tls,
}: UpstreamPlan): Promise<Upstream> {
  const answerTo: RequestListener = (request, response) => {
    const caller = /URI=(spiffe:[^;,]*)/.exec(String(request.headers["x-forwarded-client-cert"]))?.[1];
    const answer: UpstreamAnswer = { service, version, zone, path: request.url ?? "", headers: request.headers, caller };
    const padding = " ".repeat(Number(/[?&]bytes=(\d+)/.exec(answer.path)?.[1] ?? 0));
    const respond = (status: number): void => {
      const headers = { "content-type": "application/json", ...(tls && { connection: "close" }) };
      response.writeHead(status, headers).end(JSON.stringify(answer) + padding);
    };
    void Promise.resolve(statusOf(answer.path)).then(respond);
  };
  const options = { keepAliveTimeout: 0 };
  const server = tls ? createTlsServer({ ...options, ...tlsOptions(tls) }, answerTo) : createServer(options, answerTo);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: 1024 }, resolve);
  });
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function tlsOptions({ certPem, keyPem, clientCaPem }: UpstreamTls): object {
  return {
    ...{ cert: certPem, key: keyPem },
    ...(clientCaPem !== undefined && { ca: clientCaPem, requestCert: true, rejectUnauthorized: true }),
  };
}
