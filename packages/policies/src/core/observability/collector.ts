import { type Cluster, hostCluster } from "@meridian/envoy";
import { compareText, type MeshOpenTelemetryBackendSpec, type Resource, type TargetRef } from "@meridian/model";
import { namesResource } from "../destinations.ts";
import type { World } from "../effects/targets.ts";
import { authorityPort, splitUrl } from "../fragments/url.ts";

/** Where an OpenTelemetry collector takes logs, traces and metrics. */
export interface Collector {
  readonly protocol: "grpc" | "http";
  readonly host: string;
  readonly port: number;
  /** Before the path of a signal; "" for gRPC. */
  readonly path: string;
  readonly isTls: boolean;
}

/** The fields of an `openTelemetry` backend that say where the collector is. */
export interface CollectorRef {
  readonly endpoint?: string | undefined;
  readonly backendRef?: Omit<TargetRef, "kind"> & { readonly kind: "MeshOpenTelemetryBackend" };
}

const defaultPort = 4_317;
const backendKind = "MeshOpenTelemetryBackend";

/** Undefined: there is no such MeshOpenTelemetryBackend, or the endpoint is no address. */
export function resolveCollector({ endpoint, backendRef }: CollectorRef, world: World): Collector | undefined {
  if (!backendRef) return endpoint === undefined ? undefined : collectorAt(endpoint);
  const ref = backendRef as unknown as TargetRef;
  const [oldest] = (world.list(backendKind) as readonly Resource<MeshOpenTelemetryBackendSpec>[])
    .filter((backend) => namesResource(ref, backend))
    .sort((a, b) => compareText(a.creationTime, b.creationTime) || compareText(a.name, b.name));
  return oldest && collectorOf(oldest.spec);
}

/** Why there is none. */
export function missingCollector({ endpoint, backendRef }: CollectorRef): string {
  if (!backendRef) return `${endpoint} is no address of a collector`;
  const { name, labels } = backendRef;
  return `there is no MeshOpenTelemetryBackend ${name ?? `with labels ${JSON.stringify(labels ?? {})}`}`;
}

/** Without an address it is the proxy's own host (reference: resources.md section 3). */
function collectorOf({ endpoint = {}, protocol = "grpc" }: MeshOpenTelemetryBackendSpec): Collector {
  const { address = "127.0.0.1", port = defaultPort, path = "" } = endpoint;
  return { protocol, host: address, port, path: path.replace(/\/+$/, ""), isTls: protocol === "http" && port === 443 };
}

/** `host:port` is gRPC; a URL is HTTP (reference: policies-envoy.md sections 13, 14). */
function collectorAt(endpoint: string): Collector | undefined {
  const url = splitUrl(endpoint);
  if (!url?.host) return undefined;
  const host = url.host.replace(/^\[|\]$/g, "");
  const isTls = url.scheme === "https";
  if (url.scheme === "") return { protocol: "grpc", host, port: authorityPort(url.port) ?? defaultPort, path: "", isTls };
  const port = authorityPort(url.port) ?? (isTls ? 443 : 80);
  return { protocol: "http", host, port, path: url.path.replace(/\/+$/, ""), isTls };
}

/**
 * Clusters are shared between proxies, so their names tell what they are; the peer counts them per proxy.
 * @param purpose what the name begins with: `meshaccesslog:opentelemetry`
 */
export function collectorClusterName(purpose: string, { protocol, host, port, isTls }: Collector): string {
  return [purpose, host, port, ...(protocol === "http" ? ["http"] : []), ...(isTls ? ["tls"] : [])].join(":");
}

export function collectorCluster(name: string, { protocol, host, port, isTls }: Collector): Cluster {
  return hostCluster({
    ...{ name, host, port },
    http: { version: protocol === "grpc" ? "http2" : "http1" },
    ...(isTls && { tls: { serverName: host } }),
  });
}

/**
 * Where an exporter of Envoy's sends to, in proto JSON: a field for `GrpcService` or `HttpService`.
 * @param cluster the name of `collectorCluster`
 * @param signal path of what is sent, for HTTP: `/v1/logs`, `/v1/traces`
 */
export function exportService(cluster: string, collector: Collector, signal: string): object {
  const { protocol, host, port, path, isTls } = collector;
  if (protocol === "grpc") return { grpcService: { envoyGrpc: { clusterName: cluster } } };
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const uri = `${isTls ? "https" : "http"}://${authority}${path}${signal}`;
  return { httpService: { httpUri: { uri, cluster, timeout: "10s" } } };
}
