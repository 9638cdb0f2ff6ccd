import { type FSWatcher, watch } from "node:fs";
import { errorMessage, type Logger } from "@meridian/base";
import { parseDuration } from "@meridian/model";
import type { LocalAddress } from "../local-http.ts";
import { applicationMetrics, envoyMetrics } from "./collect-metrics.ts";
import { otlpRequests } from "./otlp-metrics.ts";
import { sendOtlp } from "./otlp-send.ts";
import type { MetricFamily } from "./prometheus-text.ts";
import type { MetricsBackend, MetricsSettings, SettingsReader } from "./settings.ts";

export interface MetricsExporterOptions {
  /** Of the sockets through which Envoy leads to collectors: one that comes means that there is something to do. */
  readonly workDirectory: string;
  readonly settings: SettingsReader;
  readonly logger: Logger;
}

const defaultIntervalMs = 60_000;
const minIntervalMs = 1_000;
/** Settings that change while their sockets stay are seen after this time at the latest. */
const backstopMs = 10_000;
/** A socket that has just come may not listen yet. */
const newSocketMs = 500;
const socketNames = /^kuma-(?:otel-|mesh-metric-config)/;
const collectTimeoutMs = 10_000;

type Exporting = NonNullable<MetricsBackend["openTelemetry"]>;

/** Pushes metrics to the collectors that a MeshMetric names, each at its own interval; through Envoy, which knows the way. */
export class MetricsExporter {
  readonly #options: MetricsExporterOptions;
  readonly #abort = new AbortController();
  /** When each socket's collector is to get metrics next, in milliseconds of the process's clock. */
  readonly #dueMs = new Map<string, number>();
  /** What the last try of each said; "" when it was well. */
  readonly #problems = new Map<string, string>();
  #running: Promise<void> | undefined;
  #wake: () => void = () => undefined;
  #hasNewSocket = false;

  constructor(options: MetricsExporterOptions) {
    this.#options = options;
  }

  /** Whose metrics are pushed. */
  follow(admin: LocalAddress): void {
    this.#running ??= this.#run(admin);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#wake();
    await this.#running;
  }

  async #run(admin: LocalAddress): Promise<void> {
    const watcher = this.#watchSockets();
    while (!this.#abort.signal.aborted) {
      const woken = this.#nextWake();
      const pauseMs = await this.#step(admin).catch(() => backstopMs);
      const timer = setTimeout(() => this.#wake(), this.#hasNewSocket ? Math.min(pauseMs, newSocketMs) : pauseMs);
      this.#hasNewSocket = false;
      if (!this.#abort.signal.aborted) await woken;
      clearTimeout(timer);
    }
    watcher?.close();
  }

  /** Undefined where the host has no more watches to give: then there is still the backstop. */
  #watchSockets(): FSWatcher | undefined {
    try {
      const watcher = watch(this.#options.workDirectory, (event, name) => {
        if (event !== "rename" || !socketNames.test(name ?? "")) return;
        this.#hasNewSocket = true;
        this.#wake();
      });
      return watcher.on("error", () => undefined);
    } catch {
      return undefined;
    }
  }

  #nextWake(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Pushes what is due. Returns how long there is nothing more to do. */
  async #step(admin: LocalAddress): Promise<number> {
    const settings = await this.#options.settings.metrics();
    const exporters = (settings?.backends ?? []).flatMap(({ openTelemetry }) => openTelemetry ?? []);
    const wanted = new Set(exporters.map(({ endpoint }) => endpoint));
    for (const endpoint of this.#dueMs.keys()) if (!wanted.has(endpoint)) this.#dueMs.delete(endpoint);
    const due = exporters.filter(({ endpoint }) => (this.#dueMs.get(endpoint) ?? 0) <= performance.now());
    if (settings && due.length > 0) await this.#push(admin, settings, due);
    const pausesMs = exporters.map(({ endpoint }) => (this.#dueMs.get(endpoint) ?? 0) - performance.now());
    return Math.max(0, Math.min(backstopMs, ...pausesMs));
  }

  async #push(admin: LocalAddress, settings: MetricsSettings, due: readonly Exporting[]): Promise<void> {
    const startedMs = performance.now();
    for (const { endpoint, refreshInterval } of due) this.#dueMs.set(endpoint, startedMs + intervalMs(refreshInterval));
    const collected = await collect(admin, settings).catch((error: unknown) => errorMessage(error));
    await Promise.all(
      due.map(async ({ endpoint, protocol }) => {
        const sending =
          typeof collected === "string" ? Promise.reject(new Error(collected)) : sendAll(endpoint, protocol ?? "grpc", collected);
        this.#report(
          endpoint,
          await sending.then(
            () => "",
            (error: unknown) => errorMessage(error),
          ),
        );
      }),
    );
  }

  /** Once for each problem, and once when it is over. */
  #report(endpoint: string, problem: string): void {
    const { logger } = this.#options;
    if (problem === (this.#problems.get(endpoint) ?? "")) return;
    this.#problems.set(endpoint, problem);
    if (problem === "") logger.info({ endpoint }, "metrics reach their collector again");
    else logger.warn({ endpoint, reason: problem }, "metrics do not reach their collector");
  }
}

async function sendAll(endpoint: string, protocol: "grpc" | "http", requests: readonly Buffer[]): Promise<void> {
  for (const request of requests) await sendOtlp(endpoint, protocol, request);
}

/** Too often would be nothing but load. */
function intervalMs(text: string): number {
  return Math.max(minIntervalMs, parseDuration(text) ?? defaultIntervalMs);
}

async function collect(admin: LocalAddress, { applications, sidecar, extraLabels }: MetricsSettings): Promise<readonly Buffer[]> {
  const timeoutMs = collectTimeoutMs;
  const [ofEnvoy, scraped] = await Promise.all([
    envoyMetrics(admin, sidecar.includeUnused ? "" : "?usedonly", {
      timeoutMs,
      ...(sidecar.profiles && { profiles: sidecar.profiles }),
    }),
    applicationMetrics(applications, timeoutMs),
  ]);
  const service = extraLabels["kuma.workload"] ?? extraLabels["service"] ?? "";
  const timeMs = Date.now();
  const requestsOf = (families: readonly MetricFamily[], more: Readonly<Record<string, string>> = {}): readonly Buffer[] =>
    otlpRequests(families, { service, attributes: { ...extraLabels, ...more }, timeMs });
  return [
    ...requestsOf(ofEnvoy),
    ...scraped.flatMap(({ application: { name }, families = [] }) =>
      requestsOf(families ?? [], name === undefined ? {} : { kuma_application: name }),
    ),
  ];
}
