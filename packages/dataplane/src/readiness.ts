import { createServer, type Server, type ServerResponse } from "node:http";
import { type AdminAddress, askAdmin } from "./admin.ts";
import { DataplaneInputError } from "./errors.ts";

/**
 * `GET /ready` for whoever sends traffic to the workload: 503 `NOT_READY` until Envoy runs, then Envoy's own word, 503 `TERMINATING`
 * while it drains (dataplane-protocol.md section 11).
 */
export class ReadinessServer {
  readonly #place: { readonly host: string; readonly port: number };
  readonly #server: Server;
  #admin: AdminAddress | undefined;
  #terminating = false;

  constructor(place: { readonly host: string; readonly port: number }) {
    this.#place = place;
    this.#server = createServer((request, response) => {
      const path = (request.url ?? "").split("?", 1)[0];
      if (path !== "/ready" || request.method !== "GET") return answer(response, 404, "NOT_FOUND");
      this.#ready().then(
        ({ status, body }) => answer(response, status, body),
        () => answer(response, 503, "NOT_READY"),
      );
    });
  }

  /** @throws DataplaneInputError when the port cannot be had. */
  async start(): Promise<void> {
    const { host, port } = this.#place;
    if (port === 0) return;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) => {
        const reason = error.code === "EADDRINUSE" ? "it is in use" : error.message;
        reject(
          new DataplaneInputError(`readiness port ${port} of ${host}: ${reason}; choose another with --readiness-port`, {
            cause: error,
          }),
        );
      });
      this.#server.listen({ host, port }, resolve);
    });
  }

  /** From now on Envoy's word counts. */
  follow(admin: AdminAddress): void {
    this.#admin = admin;
  }

  terminate(): void {
    this.#terminating = true;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #ready(): Promise<{ readonly status: number; readonly body: string }> {
    if (this.#terminating) return { status: 503, body: "TERMINATING" };
    if (!this.#admin) return { status: 503, body: "NOT_READY" };
    const envoy = await askAdmin(this.#admin, "/ready");
    return { status: envoy.status, body: envoy.body.trim() };
  }
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "text/plain", "cache-control": "no-cache" });
  response.end(`${body}\n`);
}
