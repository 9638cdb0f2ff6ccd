import { chmod, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { errorMessage, type Logger } from "@meridian/base";
import type { LocalAddress } from "../local-http.ts";
import { applicationMetrics, applicationsUp, envoyMetrics } from "./collect-metrics.ts";
import { joinFamilies, type MetricFamily, renderPrometheusText } from "./prometheus-text.ts";
import type { SettingsReader } from "./settings.ts";

export interface MetricsServerOptions {
  /** Unix socket, to which Envoy forwards what a Prometheus asks for. */
  readonly socketPath: string;
  readonly settings: SettingsReader;
  readonly logger: Logger;
}

const defaultTimeoutMs = 10_000;

/**
 * Answers a Prometheus with the metrics of Envoy and of the applications beside it (dataplane-protocol.md section 9): `/meshmetric`
 * for what a MeshMetric wants, `/` for what the Mesh itself does, with Envoy's own query.
 */
export class MetricsServer {
  readonly #options: MetricsServerOptions;
  readonly #server: Server;
  #admin: LocalAddress | undefined;

  constructor(options: MetricsServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#answer(request)
        .then((families) => send(request, response, families))
        .catch((error: unknown) => {
          if (response.headersSent) response.destroy();
          else response.writeHead(503, { "content-type": "text/plain" }).end(`${errorMessage(error)}\n`);
        });
    });
  }

  /** Where it cannot listen, there are no metrics, and everything else goes on. */
  async start(): Promise<void> {
    const { socketPath, logger } = this.#options;
    try {
      await rm(socketPath, { force: true });
      await new Promise<void>((resolve, reject) => this.#server.once("error", reject).listen(socketPath, resolve));
      await chmod(socketPath, 0o600);
    } catch (error) {
      logger.warn({ reason: errorMessage(error) }, "metrics cannot be served: there is no socket for them");
    }
  }

  /** Whose metrics are served. */
  follow(admin: LocalAddress): void {
    this.#admin = admin;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** Undefined: there is nothing at this path. */
  async #answer(request: IncomingMessage): Promise<readonly MetricFamily[] | undefined> {
    const { settings } = this.#options;
    const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
    const timeoutMs = timeoutOf(request);
    if (pathname === "/") return this.#collect(search, await settings.meshApplications(), { timeoutMs });
    const wanted = pathname === "/meshmetric" ? await settings.metrics() : undefined;
    if (!wanted) return undefined;
    const { applications, sidecar } = wanted;
    const query = sidecar.includeUnused ? "" : "?usedonly";
    return this.#collect(query, applications, { timeoutMs, ...(sidecar.profiles && { profiles: sidecar.profiles }) });
  }

  async #collect(
    query: string,
    applications: Parameters<typeof applicationMetrics>[0],
    options: Parameters<typeof envoyMetrics>[2],
  ): Promise<readonly MetricFamily[]> {
    if (!this.#admin) throw new Error("Envoy is not running yet");
    const [ofEnvoy, scraped] = await Promise.all([
      envoyMetrics(this.#admin, query, options),
      applicationMetrics(applications, options.timeoutMs),
    ]);
    return joinFamilies(ofEnvoy, ...scraped.map(({ families }) => families ?? []), applicationsUp(scraped));
  }
}

/** A Prometheus says how long it waits; an answer that comes too late is none. */
function timeoutOf({ headers }: IncomingMessage): number {
  const seconds = Number(headers["x-prometheus-scrape-timeout-seconds"]);
  return seconds > 0 ? seconds * 900 : defaultTimeoutMs;
}

const compress = promisify(gzip);

async function send(
  { headers }: IncomingMessage,
  response: ServerResponse,
  families: readonly MetricFamily[] | undefined,
): Promise<void> {
  if (!families) {
    response.writeHead(404).end();
    return;
  }
  const text = renderPrometheusText(families);
  const isCompressed = String(headers["accept-encoding"] ?? "").includes("gzip");
  response.writeHead(200, {
    "content-type": "text/plain; version=0.0.4; charset=utf-8",
    ...(isCompressed && { "content-encoding": "gzip" }),
  });
  response.end(isCompressed ? await compress(text, { level: 1 }) : text);
}
