import { askLocal } from "../local-http.ts";

/** What is to be collected, as the control plane says it (dataplane-protocol.md section 9, `/meshmetric`). */
export interface MetricsSettings {
  readonly applications: readonly ApplicationMetrics[];
  readonly backends: readonly MetricsBackend[];
  readonly sidecar: {
    readonly includeUnused?: boolean;
    readonly profiles?: {
      readonly appendProfiles?: readonly { readonly name: "All" | "Basic" | "None" }[];
      readonly exclude?: readonly MetricSelector[];
      readonly include?: readonly MetricSelector[];
    };
  };
  readonly extraLabels: Readonly<Record<string, string>>;
}

interface MetricSelector {
  readonly type: "Prefix" | "Regex" | "Exact" | "Contains";
  readonly match: string;
}

export interface ApplicationMetrics {
  readonly name?: string;
  readonly address: string;
  readonly port: number;
  readonly path: string;
}

export interface MetricsBackend {
  readonly type: "Prometheus" | "OpenTelemetry";
  readonly name?: string | null;
  readonly openTelemetry?: {
    /** Unix socket of Envoy's. */
    readonly endpoint: string;
    /** Duration as text. */
    readonly refreshInterval: string;
    /** gRPC when absent. */
    readonly protocol?: "http";
  };
}

const timeoutMs = 2_000;

/** Asks Envoy, which has them from the control plane; asked for every time, so that nothing has to be told when they change. */
export class SettingsReader {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Of the policies; undefined: no metrics are wanted. */
  async metrics(): Promise<MetricsSettings | undefined> {
    const page = (await this.#page("/meshmetric")) as {
      readonly observability?: { readonly metrics?: Partial<MetricsSettings> };
    };
    const { applications, backends, sidecar, extraLabels } = page?.observability?.metrics ?? {};
    if (!backends) return undefined;
    return { applications: applications ?? [], backends, sidecar: sidecar ?? {}, extraLabels: extraLabels ?? {} };
  }

  /** Whose metrics the Mesh itself wants beside Envoy's. */
  async meshApplications(): Promise<readonly ApplicationMetrics[]> {
    const page = (await this.#page("/prometheus")) as { readonly applications?: readonly ApplicationMetrics[] } | undefined;
    return page?.applications ?? [];
  }

  /** Undefined: there is none, and where there is no page at all there is no socket either. */
  async #page(path: string): Promise<unknown> {
    const answer = await askLocal({ socketPath: this.#socketPath }, path, { timeoutMs }).catch(() => undefined);
    return answer?.status === 200 ? JSON.parse(answer.body) : undefined;
  }
}
