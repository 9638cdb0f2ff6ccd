import { type DataplaneSpec, effectivePrometheus, type Resource } from "@meridian/model";
import { ownService, tagLabels } from "@meridian/policies";
import type { MeshInventory } from "./inventory.ts";
import { type InspectedProxy, proxyReader } from "./proxy.ts";
import { singleRule } from "./rules.ts";
import { targetRefPolicies } from "./selected.ts";
import type { Policy } from "./to-policies.ts";

/** Where a Prometheus reads the metrics of one proxy (kuma.observability.v1, MonitoringAssignment). */
export interface MonitoringAssignment {
  readonly mesh: string;
  /** The first that the proxy has. */
  readonly service: string;
  readonly targets: readonly MonitoringTarget[];
}

interface MonitoringTarget {
  /** Of the Dataplane. */
  readonly name: string;
  readonly scheme: "http" | "https";
  /** host:port */
  readonly address: string;
  readonly metricsPath: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface MetricConf {
  readonly backends?: readonly { readonly prometheus?: PrometheusBackend }[];
}

interface PrometheusBackend {
  readonly clientId?: string;
  readonly port?: number;
  readonly path?: string;
  readonly tls?: { readonly mode?: string };
}

const meshMetric = targetRefPolicies.find(({ kind }) => kind === "MeshMetric");

/** What a Prometheus is to read of the proxies of a mesh, by what MeshMetrics and the Mesh say. @param clientId who it is. */
export function monitoringAssignments(inventory: MeshInventory, clientId: string): readonly MonitoringAssignment[] {
  const readProxy = proxyReader(inventory);
  const policies = inventory.list<Policy["spec"]>("MeshMetric");
  return inventory.list<DataplaneSpec>("Dataplane").flatMap((dataplane) => {
    const proxy = readProxy(dataplane);
    const targets = targetsOf(inventory, proxy, policies, clientId);
    return targets.length > 0 ? [{ mesh: dataplane.mesh, service: ownService(proxy.subject.tagSets), targets }] : [];
  });
}

function targetsOf(
  { mesh }: MeshInventory,
  { dataplane, subject, selectedBy }: InspectedProxy,
  policies: readonly Policy[],
  clientId: string,
): readonly MonitoringTarget[] {
  const place = { dataplane, labels: tagLabels(subject.tagSets) };
  const rule = meshMetric && singleRule(policies.filter(selectedBy), meshMetric);
  const { backends } = (rule?.conf ?? {}) as MetricConf;
  if (backends) {
    return backends
      .flatMap(({ prometheus }) => prometheus ?? [])
      .filter((backend) => (backend.clientId ?? clientId) === clientId)
      .map(({ port = 5670, path = "/metrics", tls }) => target(place, port, path, tls?.mode === "ProvidedTLS"));
  }
  const conf = effectivePrometheus(mesh.spec, dataplane.spec.metrics);
  if (!conf) return [];
  return [target(place, conf.port ?? 5670, conf.path ?? "/metrics", conf.tls?.mode === "providedTLS")];
}

interface Place {
  readonly dataplane: Resource<DataplaneSpec>;
  readonly labels: Readonly<Record<string, string>>;
}

function target({ dataplane, labels }: Place, port: number, metricsPath: string, isTls: boolean): MonitoringTarget {
  const { name, spec } = dataplane;
  const { address } = spec.networking;
  const host = address.includes(":") ? `[${address}]` : address;
  return { name, scheme: isTls ? "https" : "http", address: `${host}:${port}`, metricsPath, labels };
}
