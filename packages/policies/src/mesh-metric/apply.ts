import { type MetricsSecurity, metricsCluster, metricsListener, typeUrls } from "@meridian/envoy";
import { decideSingle } from "../core/effects/decide-single.ts";
import type { Decision, OwnResource, ProxyHooks } from "../core/effects/hooks.ts";
import type { ProxyDecisionInput } from "../core/effects/targets.ts";
import { meshMetricsCluster, meshMetricsListener, metricsSocket } from "../core/observability/metrics-names.ts";
import { addSettings } from "../core/observability/settings-page.ts";
import type { PolicyNote } from "../core/policy-note.ts";
import { selectsProxy } from "../core/target-ref.ts";
import type { ProxySelf } from "../core/types.ts";
import { exporterResources, type MetricsExporter, resolveExporters } from "./exporters.ts";
import type { MetricConf } from "./schema.ts";
import { metricsSettings } from "./settings.ts";

interface PrometheusListener {
  /** Who reads it. */
  readonly name: string;
  readonly port: number;
  readonly path: string;
  readonly security: MetricsSecurity;
}

interface MetricsConf {
  readonly prometheus: readonly PrometheusListener[];
  readonly exporters: readonly MetricsExporter[];
  /** For the program beside Envoy, which collects the metrics. Absent: nobody reads them. */
  readonly collecting?: { readonly socket: string; readonly workdir: string; readonly settings: string };
}

const settingsPath = "/meshmetric";
const hijacker = "_kuma:metrics:hijacker";
const origin = "prometheus";

/** Listeners for a Prometheus, and ways to collectors (reference: policies-envoy.md section 15); the rest is done beside Envoy. */
export const meshMetricProxy: ProxyHooks<MetricsConf> = {
  decide,
  resources(resources, { prometheus, exporters, collecting }, { proxy }) {
    const rest = resources.filter(({ json: { name } }) => name !== meshMetricsListener && name !== meshMetricsCluster);
    if (!collecting) return rest;
    const { socket, workdir, settings } = collecting;
    const added = [
      ...(prometheus.length > 0 ? [own(typeUrls.cluster, metricsCluster(hijacker, socket))] : []),
      ...prometheus.map((listener) => own(typeUrls.listener, listenerOf(listener, proxy))),
      ...exporters.flatMap(exporterResources),
    ];
    return addSettings([...rest, ...added], workdir, { path: settingsPath, body: settings });
  },
};

function own(typeUrl: OwnResource["typeUrl"], json: OwnResource["json"]): OwnResource {
  return { typeUrl, origin, json };
}

function listenerOf({ name, ...options }: PrometheusListener, { address }: ProxySelf): OwnResource["json"] {
  const listener = `_kuma:metrics:prometheus:${name}`;
  return metricsListener({ ...options, name: listener, address, cluster: hijacker, rewrite: settingsPath });
}

const nothing: MetricsConf = { prometheus: [], exporters: [] };

function decide(input: ProxyDecisionInput): Decision<MetricsConf> | undefined {
  const { subject, policies, world, proxy } = input;
  const { conf, origins } = decideSingle<MetricConf>(policies, (policy) => selectsProxy(policy, subject)) ?? {};
  if (!conf?.backends || !origins) return undefined;
  if (conf.backends.length === 0) return { conf: nothing, origins };
  const socket = metricsSocket(subject.mesh, proxy);
  if (socket === undefined || proxy.workdir === undefined) {
    return { conf: nothing, origins, notes: notes([noWorkdir], origins) };
  }
  const prometheus = resolveListeners(conf, input);
  const exporters = resolveExporters(conf, { world, workdir: proxy.workdir });
  const settings = metricsSettings(conf, {
    subject,
    proxy,
    hasPrometheus: prometheus.found.length > 0,
    exporters: exporters.found,
  });
  const problems = [...prometheus.problems, ...exporters.problems];
  return {
    conf: { prometheus: prometheus.found, exporters: exporters.found, collecting: { socket, workdir: proxy.workdir, settings } },
    origins,
    ...(problems.length > 0 && { notes: notes(problems, origins) }),
  };
}

const noWorkdir = "a proxy without a work directory: nothing beside it can collect its metrics";

function notes(problems: readonly string[], origins: readonly string[]): readonly PolicyNote[] {
  return problems.flatMap((message) => origins.map((policy) => ({ policy, message })));
}

const defaultPort = 5670;
const defaultName = "default-backend";

/** Those that can be had: a port serves one purpose. */
function resolveListeners({ backends = [] }: MetricConf, { proxy, tls: ofMesh, takenPorts = [] }: ProxyDecisionInput) {
  const found: PrometheusListener[] = [];
  const problems: string[] = [];
  for (const { prometheus } of backends) {
    if (!prometheus) continue;
    const { port = defaultPort, path = "/metrics", clientId: name = defaultName, tls } = prometheus;
    const { security, problem } = resolveSecurity(tls?.mode, proxy, ofMesh);
    if (takenPorts.includes(port))
      problems.push(`port ${port} of the proxy is taken by an inbound or outbound: no metrics there`);
    else if (found.some((other) => other.port === port || other.name === name)) {
      problems.push(`two Prometheus backends have port ${port} or clientId ${name}: only the first is served`);
    } else {
      found.push({ name, port, path, security });
      if (problem !== undefined) problems.push(problem);
    }
  }
  return { found, problems };
}

type TlsMode = "Disabled" | "ProvidedTLS" | "ActiveMTLSBackend";

/** Where there is nothing to secure metrics with, they are served in plain text, as at the peer, and the policy's status says so. */
function resolveSecurity(
  mode: TlsMode = "Disabled",
  { metricsTls }: ProxySelf,
  tls: ProxyDecisionInput["tls"],
): { readonly security: MetricsSecurity; readonly problem?: string } {
  const plain = { mode: "plain" } as const;
  switch (mode) {
    case "Disabled":
      return { security: plain };
    case "ProvidedTLS":
      if (metricsTls) return { security: { mode: "provided", ...metricsTls } };
      return { security: plain, problem: "metrics in plain text: the data plane was started without a certificate for them" };
    case "ActiveMTLSBackend":
      // The peer ignores this mode, and serves what was to be secured in plain text.
      if (tls) return { security: { mode: "mesh", tls } };
      return { security: plain, problem: "metrics in plain text: the proxy has no identity" };
  }
}
