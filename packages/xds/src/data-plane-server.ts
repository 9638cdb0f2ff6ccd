import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from "node:tls";
import { type ConnectionInjector, type Server as GrpcServer, ServerCredentials } from "@grpc/grpc-js";
import type { Logger } from "@meridian/base";
import { type BootstrapHandler, type DataPlaneRoutes, dataPlaneListener } from "./data-plane-http.ts";

export interface DataPlaneServerOptions {
  /** PEM. */
  readonly tls: { readonly cert: string; readonly key: string };
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Made with `dataPlaneGrpcOptions`; closed by `stop`. */
  readonly grpcServer: GrpcServer;
  /** `POST /bootstrap`. */
  readonly bootstrap: BootstrapHandler;
  /**
   * `POST /goodbye {mesh, name, proxyType, dataplaneToken}`: a proxy of ours is about to stop, and nobody should be sent to it any
   * more. Absent: 404, and the end of its stream has to say it.
   */
  readonly goodbye?: BootstrapHandler;
  readonly logger: Logger;
}

export interface DataPlaneServer {
  readonly port: number;
  /** New certificates for new connections. */
  setCertificate(tls: { readonly cert: string; readonly key: string }): void;
  /** Stops listening, waits for calls to end up to `graceMs`, then cuts what is left. End streams first: `AdsService.stop`. */
  stop(graceMs?: number): Promise<void>;
}

/** Pings find proxies whose host went away; statistics for channelz would cost memory per stream. */
export const dataPlaneGrpcOptions = {
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 20_000,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.max_concurrent_streams": 1_000_000,
  "grpc.max_receive_message_length": 16 * 1024 * 1024,
  "grpc.enable_channelz": 0,
} as const;

/**
 * One TLS port for all that a data plane asks of its control plane: gRPC over HTTP/2 for discovery, HTTP/1.1 for the bootstrap.
 * What a connection speaks is agreed on by ALPN; without ALPN its first bytes say it.
 */
export async function serveDataPlane(options: DataPlaneServerOptions): Promise<DataPlaneServer> {
  const injector = options.grpcServer.createConnectionInjector(ServerCredentials.createInsecure());
  const http = createHttpServer(dataPlaneListener(routesOf(options), options.logger));
  const open = new Set<TLSSocket>();
  const server = createTlsServer(
    { ...options.tls, minVersion: "TLSv1.2", ALPNProtocols: ["h2", "http/1.1"], noDelay: true },
    (socket) => {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
      // A proxy that dies mid-handshake or mid-request is no news; its stream reports its own end.
      socket.on("error", () => socket.destroy());
      route(socket, injector, http);
    },
  );
  server.on("tlsClientError", (error) =>
    options.logger.debug({ reason: error.message }, "TLS handshake with a data plane failed"),
  );
  await listen(server, options);
  return {
    port: portOf(server),
    setCertificate: (tls) => server.setSecureContext({ ...tls, minVersion: "TLSv1.2" }),
    stop: (graceMs = 2_000) => stop(options.grpcServer, server, { http, open, graceMs }),
  };
}

function routesOf({ bootstrap, goodbye }: DataPlaneServerOptions): DataPlaneRoutes {
  return new Map([["/bootstrap", bootstrap], ...(goodbye ? [["/goodbye", goodbye] as const] : [])]);
}

function route(socket: TLSSocket, injector: ConnectionInjector, http: HttpServer): void {
  if (socket.alpnProtocol === "h2") injector.injectConnection(socket);
  else if (socket.alpnProtocol === "http/1.1") http.emit("connection", socket);
  else {
    socket.once("data", (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      if (!first.toString("latin1", 0, 3).startsWith("PRI")) {
        http.emit("connection", socket);
        // An explicit pause outlasts new listeners.
        socket.resume();
        return;
      }
      // Node's HTTP/2 server turns away sockets that agreed on nothing.
      socket.alpnProtocol = "h2";
      injector.injectConnection(socket);
    });
  }
}

function listen(server: TlsServer, { host, port }: DataPlaneServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function portOf(server: TlsServer): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

interface Open {
  readonly http: HttpServer;
  readonly open: ReadonlySet<TLSSocket>;
  readonly graceMs: number;
}

async function stop(grpc: GrpcServer, server: TlsServer, { http, open, graceMs }: Open): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  http.close();
  http.closeIdleConnections();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, graceMs);
    grpc.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
  grpc.forceShutdown();
  for (const socket of open) socket.destroy();
  await closed;
}
