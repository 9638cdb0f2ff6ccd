import type { Logger } from "@meridian/base";
import { AccessLogPipe } from "./access-log-pipe.ts";
import type { LocalAddress } from "./local-http.ts";
import { MetricsExporter } from "./metrics/metrics-exporter.ts";
import { MetricsServer } from "./metrics/metrics-server.ts";
import { SettingsReader } from "./metrics/settings.ts";
import type { ProxyType } from "./options.ts";
import { socketPath } from "./work-directory.ts";

export interface CompanionOptions {
  readonly mesh: string;
  readonly name: string;
  readonly proxyType: ProxyType;
  readonly workDirectory: string;
  readonly logger: Logger;
}

/** What serves a sidecar's Envoy from its side, over files of the work directory. Zone ingresses and egresses need none of it. */
export class Companions {
  readonly #isNeeded: boolean;
  readonly #accessLogs: AccessLogPipe;
  readonly #metrics: MetricsServer;
  readonly #exporter: MetricsExporter;

  constructor({ mesh, name, proxyType, workDirectory, logger }: CompanionOptions) {
    this.#isNeeded = proxyType === "dataplane";
    this.#accessLogs = new AccessLogPipe(socketPath(workDirectory, `kuma-al-${name}-${mesh}`), logger);
    const settings = new SettingsReader(socketPath(workDirectory, "kuma-mesh-metric-config"));
    this.#metrics = new MetricsServer({ socketPath: socketPath(workDirectory, `kuma-mh-${name}-${mesh}`), settings, logger });
    this.#exporter = new MetricsExporter({ workDirectory, settings, logger });
  }

  /** Before Envoy. Returns the features that the control plane may count on (dataplane-protocol.md section 5). */
  async start(): Promise<readonly string[]> {
    if (!this.#isNeeded) return [];
    await this.#metrics.start();
    return (await this.#accessLogs.start()) ? ["feature-tcp-accesslog-via-named-pipe"] : [];
  }

  /** Envoy is about to run. */
  follow(admin: LocalAddress): void {
    if (!this.#isNeeded) return;
    this.#metrics.follow(admin);
    this.#exporter.follow(admin);
  }

  /** After Envoy. */
  async stop(): Promise<void> {
    if (this.#isNeeded) await Promise.all([this.#accessLogs.stop(), this.#metrics.stop(), this.#exporter.stop()]);
  }
}
