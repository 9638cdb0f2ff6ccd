import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

export interface TestServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A server with one answer for everything; over TLS when it gets a certificate. */
export async function serve(answer: RequestListener, tls?: { readonly cert: string; readonly key: string }): Promise<TestServer> {
  const server: Server = tls ? createTlsServer(tls, answer) : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
