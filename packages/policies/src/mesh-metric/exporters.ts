import { dataPlaneSocket, filterChain, forwardPath, internalHttp, type Listener, pipeAddress, typeUrls } from "@meridian/envoy";
import type { OwnResource } from "../core/effects/hooks.ts";
import type { World } from "../core/effects/targets.ts";
import {
  type Collector,
  type CollectorRef,
  collectorCluster,
  missingCollector,
  resolveCollector,
} from "../core/observability/collector.ts";
import type { MetricConf } from "./schema.ts";

/** One collector to which the program beside Envoy pushes metrics, through a socket of Envoy's. */
export interface MetricsExporter {
  readonly name: string;
  readonly socket: string;
  readonly collector: Collector;
  /** Duration as text. */
  readonly refreshInterval: string;
}

const defaultInterval = "1m";

export function resolveExporters(
  { backends = [] }: MetricConf,
  { world, workdir }: { readonly world: World; readonly workdir: string },
): { readonly found: readonly MetricsExporter[]; readonly problems: readonly string[] } {
  const found = new Map<string, MetricsExporter>();
  const problems: string[] = [];
  for (const { openTelemetry } of backends) {
    if (!openTelemetry) continue;
    const ref = openTelemetry as CollectorRef;
    const collector = resolveCollector(ref, world);
    const name = exporterName(ref);
    const socket = dataPlaneSocket(workdir, `kuma-otel-${name}`);
    if (!collector) problems.push(missingCollector(ref));
    else if (found.get(socket)?.name === name) problems.push(`the collector ${name} is there twice: only the first counts`);
    else if (found.has(socket)) {
      // Paths of sockets are short: the end of a long one is cut off.
      problems.push(`the proxy's work directory has too long a path for a socket of its own for the collector ${name}`);
    } else {
      const { refreshInterval = defaultInterval } = openTelemetry;
      found.set(socket, { name, socket, collector, refreshInterval });
    }
  }
  return { found: [...found.values()], problems };
}

/** Part of the names of a socket, a listener and a cluster. */
function exporterName({ endpoint = "", backendRef }: CollectorRef): string {
  if (!backendRef) return endpoint.replaceAll("/", "").replaceAll(":", "-");
  const { name, labels = {} } = backendRef;
  return (
    name ??
    Object.values(labels)
      .sort()
      .join("-")
      .replaceAll(/[^\w.-]/g, "-")
  );
}

/** The socket, and the cluster behind it. */
export function exporterResources({ name, socket, collector }: MetricsExporter): readonly OwnResource[] {
  const listenerName = `_kuma:metrics:opentelemetry:${name}`;
  const { host, port, path } = collector;
  const forwarded = forwardPath("/", listenerName, `${path}/`);
  const route = {
    ...forwarded,
    route: { ...forwarded.route, hostRewriteLiteral: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}` },
  };
  const listener: Listener = {
    name: listenerName,
    address: pipeAddress(socket),
    filterChains: [filterChain({ filters: [internalHttp({ statPrefix: listenerName, routes: [route] })] })],
  };
  const origin = "open-telemetry";
  return [
    { typeUrl: typeUrls.cluster, origin, json: collectorCluster(listenerName, collector) },
    { typeUrl: typeUrls.listener, origin, json: listener },
  ];
}
