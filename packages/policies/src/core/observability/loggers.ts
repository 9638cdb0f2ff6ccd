import type { Cluster, FilterChain, TypedConfig } from "@meridian/envoy";
import { dataPlaneSocket, typed } from "@meridian/envoy";
import { isHttpChain, mapHttpManager, mapTcpProxy } from "../effects/edit.ts";
import type { ProtoJson } from "../route.ts";
import type { ProxySelf, ProxySubject } from "../types.ts";
import { collectorCluster, collectorClusterName } from "./collector.ts";
import { accessLogger, backendTexts, type LogBackend, logCollectors } from "./log-backend.ts";
import { type ClientValues, type LogValues, ownService, usedOfClient, workloadKri } from "./placeholders.ts";

/** What access logs of one target are made from. */
export interface AccessLogConf extends ClientValues {
  readonly backends: readonly LogBackend[];
  /** Name of the destination where it is not its service tag. */
  readonly destination?: string;
}

/** Adds what the backends ask of the client, and nothing else of it. */
export function accessLogConf(backends: readonly LogBackend[], subject: ProxySubject): AccessLogConf {
  const { source, workload } = usedOfClient(backends.flatMap(backendTexts));
  return {
    backends,
    ...(source && { source: ownService(subject.tagSets) }),
    ...(workload && { workload: workloadKri(subject) }),
  };
}

/** What the target tells of the values. */
export type TargetValues = Pick<LogValues, "mesh" | "zone" | "destination" | "direction"> &
  Pick<LogValues, "sourceAddress" | "sourceAddressWithPort">;

/** Envoy `AccessLog`s in proto JSON. @param filter Envoy `AccessLogFilter`: what is logged; absent: everything. */
export function accessLoggers(
  { backends, source = "", workload = "", destination }: AccessLogConf,
  target: TargetValues,
  { isHttp, filter }: { readonly isHttp: boolean; readonly filter?: ProtoJson | undefined },
): readonly ProtoJson[] {
  const values = { ...target, source, workload, ...(destination !== undefined && { destination }) };
  return backends.map((backend) => ({ ...accessLogger(backend, values, isHttp), ...(filter && { filter }) }));
}

/** Logs of requests in an HTTP chain, of connections in any other. */
export function addLoggers(chain: FilterChain, loggersOf: (isHttp: boolean) => readonly ProtoJson[]): FilterChain {
  const isHttp = isHttpChain(chain);
  const loggers = loggersOf(isHttp);
  if (loggers.length === 0) return chain;
  const add = <Config extends TypedConfig>(config: Config): Config => {
    const before = (config["accessLog"] ?? []) as readonly ProtoJson[];
    return { ...config, accessLog: [...before, ...loggers] };
  };
  return isHttp ? mapHttpManager(chain, add) : mapTcpProxy(chain, add);
}

/** Logs only where the CEL expression holds: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/attributes */
export function celFilter(expression: string): ProtoJson {
  return {
    extensionFilter: {
      name: "envoy.access_loggers.extension_filters.cel",
      typedConfig: typed("envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter", { expression }),
    },
  };
}

/** The clusters of the backends' collectors, each once. */
export function logClusters(confs: readonly AccessLogConf[]): readonly Cluster[] {
  const clusters = confs
    .flatMap(({ backends }) => backends)
    .flatMap((backend) => (backend.type === "otel" ? [backend.collector] : []))
    .map((collector) => collectorCluster(collectorClusterName(logCollectors, collector), collector));
  return [...new Map(clusters.map((cluster) => [cluster.name, cluster])).values()];
}

/** A program beside Envoy that reads logs from a pipe says so. */
const pipeFeature = "feature-tcp-accesslog-via-named-pipe";
export const noPipe = "a proxy that does not forward access logs over TCP: its data plane is too old, or has no work directory";

/** Where the program beside Envoy reads access logs that go on over TCP; undefined when there is none that does. */
export function logPipe(mesh: string, self: ProxySelf | undefined): string | undefined {
  if (!self?.workdir || !self.features.includes(pipeFeature)) return undefined;
  return dataPlaneSocket(self.workdir, `kuma-al-${self.name}-${mesh}`);
}
