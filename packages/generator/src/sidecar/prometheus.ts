import { type DownstreamTlsOptions, type MetricsSecurity, metricsCluster, metricsListener, typeUrls } from "@meridian/envoy";
import { effectivePrometheus, type PrometheusConf, type Tags, tagNames } from "@meridian/model";
import {
  addSettings,
  meshMetricsCluster,
  meshMetricsListener,
  metricsSocket,
  type OwnResource,
  type ProxySubject,
} from "@meridian/policies";
import type { DataplaneFacts, InboundFacts } from "../view/dataplane-facts.ts";
import type { MeshFacts } from "../view/mesh-facts.ts";
import type { MeshView } from "../view/mesh-view.ts";
import { inboundPermission } from "./plans.ts";

export interface PrometheusOptions {
  readonly view: MeshView;
  readonly mesh: MeshFacts;
  readonly dataplane: DataplaneFacts;
  readonly subject: ProxySubject;
  /** How it knows clients of the mesh; undefined: it has no identity to show them. */
  readonly tls: DownstreamTlsOptions | undefined;
}

/** What a program beside Envoy is to add to Envoy's own metrics; the peer's is told by its bootstrap alone. */
const settingsPath = "/prometheus";
const origin = "prometheus";

/**
 * Adds the listener for a Prometheus that a Mesh's own `metrics` ask for, with what the Dataplane says instead (reference:
 * resources-legacy.md section 16). None where a port is taken by an inbound or outbound, or where nothing beside Envoy collects.
 */
export function withPrometheus(
  base: readonly OwnResource[],
  { view, mesh, dataplane, subject, tls }: PrometheusOptions,
): readonly OwnResource[] {
  const { self } = subject;
  const conf = effectivePrometheus(mesh.settings, dataplane.metrics);
  const socket = self && metricsSocket(mesh.name, self);
  if (!conf || socket === undefined || self?.workdir === undefined) return base;
  const { port = 5670, path = "/metrics", aggregate = [] } = conf;
  if (takenPorts(dataplane).includes(port)) return base;
  const listener = metricsListener({
    ...{ name: meshMetricsListener, address: dataplane.address, port, path, cluster: meshMetricsCluster },
    rewrite: `/${envoyQuery(conf)}`,
    security: security(conf, { view, mesh, dataplane, subject, tls }),
  });
  const resources: readonly OwnResource[] = [
    ...base,
    { typeUrl: typeUrls.cluster, origin, json: metricsCluster(meshMetricsCluster, socket) },
    { typeUrl: typeUrls.listener, origin, json: listener },
  ];
  if (aggregate.length === 0) return resources;
  const applications = aggregate.map(({ name, port: at = 0, path: of = "/metrics", address = dataplane.address }) => ({
    ...(name !== undefined && { name }),
    ...{ path: of, port: at, address },
  }));
  return addSettings(resources, self.workdir, { path: settingsPath, body: JSON.stringify({ applications }) });
}

/** Where the proxy's own listeners already are, at its address or at any. */
export function takenPorts({ address, inbounds, outbounds }: DataplaneFacts): readonly number[] {
  const listeners = [...inbounds, ...outbounds.items];
  const ports = listeners.filter((listener) => [address, "0.0.0.0", "::"].includes(listener.address)).map(({ port }) => port);
  return [...new Set(ports)];
}

/** Which of its own metrics Envoy shows. */
function envoyQuery({ envoy = {} }: PrometheusConf): string {
  const filter = envoy.filterRegex ? [`filter=${encodeURIComponent(envoy.filterRegex)}`] : [];
  const query = [...filter, ...(envoy.usedOnly ? ["usedonly"] : [])].join("&");
  return query === "" ? "" : `?${query}`;
}

/** In plain text where there is nothing to secure them with. */
function security(conf: PrometheusConf, { view, dataplane, subject, tls }: PrometheusOptions): MetricsSecurity {
  const mode = conf.skipMTLS ? "disabled" : (conf.tls?.mode ?? "activeMTLSBackend");
  const { metricsTls } = subject.self ?? {};
  if (mode === "providedTLS" && metricsTls) return { mode: "provided", ...metricsTls };
  if (mode !== "activeMTLSBackend" || !tls) return { mode: "plain" };
  const { rbac } = inboundPermission(view, subject, metricsInbound(conf, dataplane));
  return { mode: "mesh", tls, rules: rbac };
}

/** Permissions know the listener by tags of its own: `dataplane-metrics` by default. */
function metricsInbound({ port = 5670, tags = {} }: PrometheusConf, { address }: DataplaneFacts): InboundFacts {
  const all: Tags = { ...tags };
  return {
    ...{ section: String(port), tags: all, service: all[tagNames.service] ?? "", protocol: "tcp" },
    ...{ address, port, workloadAddress: address, workloadPort: port },
  };
}
