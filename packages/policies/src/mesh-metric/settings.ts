import { canonicalJson, labelNames } from "@meridian/model";
import { ownService } from "../core/observability/placeholders.ts";
import { tagLabels } from "../core/observability/tag-labels.ts";
import type { ProxySelf, ProxySubject } from "../core/types.ts";
import type { MetricsExporter } from "./exporters.ts";
import type { MetricConf } from "./schema.ts";

export interface SettingsOptions {
  readonly subject: ProxySubject;
  readonly proxy: ProxySelf;
  readonly hasPrometheus: boolean;
  readonly exporters: readonly MetricsExporter[];
}

/** What the program beside Envoy is told to collect and to whom it sends it (reference: dataplane-protocol.md section 9, `/meshmetric`). */
export function metricsSettings(
  { applications = [], sidecar }: MetricConf,
  { subject, proxy, hasPrometheus, exporters }: SettingsOptions,
): string {
  const metrics = {
    applications: applications.map(({ name, path = "/metrics", port, address }) => ({
      ...(name !== undefined && { name }),
      ...{ path, port, address: address ?? proxy.address },
    })),
    backends: [
      ...(hasPrometheus ? [{ type: "Prometheus", name: null }] : []),
      ...exporters.map(({ name, socket, refreshInterval, collector: { protocol } }) => ({
        ...{ type: "OpenTelemetry", name },
        // The peer's data planes know gRPC only, and no such field.
        openTelemetry: { endpoint: socket, refreshInterval, ...(protocol === "http" && { protocol }) },
      })),
    ],
    ...(sidecar && { sidecar }),
    extraLabels: extraLabels(subject, proxy),
  };
  return canonicalJson({ observability: { metrics } });
}

/** Tells the metrics of one proxy from those of others, for collectors. */
function extraLabels({ mesh, zone, labels, tagSets }: ProxySubject, { name }: ProxySelf): Readonly<Record<string, string>> {
  const workload = labels[labelNames.workload];
  return {
    ...tagLabels(tagSets),
    ...{ mesh, zone, dataplane: name },
    "kuma.proxy_role": labels[labelNames.proxyType] === "gateway" ? "gateway" : "sidecar",
    ...(workload ? { "kuma.workload": workload } : { service: ownService(tagSets) }),
  };
}
