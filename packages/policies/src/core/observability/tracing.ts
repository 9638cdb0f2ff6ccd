import { type Cluster, type FilterChain, hostCluster, typed } from "@meridian/envoy";
import { mapHttpManager } from "../effects/edit.ts";
import type { ProtoJson } from "../route.ts";
import { type Collector, collectorCluster, exportService } from "./collector.ts";

/** Who collects spans, as far as Envoy must know; plain JSON, as it stands in a conf. */
export type TraceBackend =
  | {
      readonly type: "zipkin";
      readonly host: string;
      readonly port: number;
      readonly path: string;
      readonly isTls: boolean;
      readonly traceId128bit: boolean;
      readonly version: "HTTP_JSON" | "HTTP_PROTO";
      /** Absent: Envoy's own default, true. */
      readonly sharedSpanContext?: boolean;
    }
  | {
      readonly type: "datadog";
      readonly host: string;
      readonly port: number;
      readonly service: string;
      /** A service name per direction and destination. */
      readonly splitService: boolean;
    }
  | { readonly type: "opentelemetry"; readonly collector: Collector; readonly service: string };

/** How the requests of one target are traced. */
export interface Tracing {
  readonly backend: TraceBackend;
  /** Of the collector. */
  readonly cluster: string;
  /** Percentages; absent: 100. */
  readonly sampling: { readonly overall?: number; readonly client?: number; readonly random?: number };
  readonly tags: readonly TraceTag[];
}

export type TraceTag =
  | { readonly name: string; readonly literal: string }
  | { readonly name: string; readonly header: string; readonly default?: string };

/** @param destination absent for requests that the proxy receives. */
export function addTracing(chain: FilterChain, tracing: Tracing, destination?: string): FilterChain {
  const { backend, cluster, sampling, tags } = tracing;
  const { overall, client, random } = sampling;
  return mapHttpManager(chain, (manager) => ({
    ...manager,
    tracing: {
      ...(overall !== undefined && { overallSampling: { value: overall } }),
      ...(client !== undefined && { clientSampling: { value: client } }),
      ...(random !== undefined && { randomSampling: { value: random } }),
      ...(tags.length > 0 && { customTags: tags.map(customTag) }),
      // One span per hop: the client's and the server's.
      spawnUpstreamSpan: false,
      provider: provider(backend, cluster, destination),
    },
  }));
}

/** Of a gateway, which is no server of its own: what it asks is a span apart from what it was asked. */
export function withUpstreamSpans(chain: FilterChain): FilterChain {
  return mapHttpManager(chain, (manager) => {
    const tracing = manager["tracing"] as ProtoJson | undefined;
    return tracing ? { ...manager, tracing: { ...tracing, spawnUpstreamSpan: true } } : manager;
  });
}

export function removeTracing(chain: FilterChain): FilterChain {
  return mapHttpManager(chain, ({ tracing: _, ...manager }) => manager);
}

/** Envoy `CustomTag` in proto JSON. */
function customTag(tag: TraceTag): ProtoJson {
  if ("literal" in tag) return { tag: tag.name, literal: { value: tag.literal } };
  const { name, header, default: defaultValue } = tag;
  return { tag: name, requestHeader: { name: header, ...(defaultValue !== undefined && { defaultValue }) } };
}

/** Envoy `Tracing.Http` in proto JSON. */
function provider(backend: TraceBackend, cluster: string, destination: string | undefined): ProtoJson {
  switch (backend.type) {
    case "zipkin": {
      const { host, port, path, traceId128bit, version, sharedSpanContext } = backend;
      return tracer("zipkin", "ZipkinConfig", {
        collectorCluster: cluster,
        collectorEndpoint: path,
        collectorHostname: `${host.includes(":") ? `[${host}]` : host}:${port}`,
        traceId128bit,
        collectorEndpointVersion: version,
        ...(sharedSpanContext !== undefined && { sharedSpanContext }),
      });
    }
    case "datadog": {
      const { service, splitService } = backend;
      const direction = destination === undefined ? "INBOUND" : `OUTBOUND_${destination}`;
      return tracer("datadog", "DatadogConfig", {
        collectorCluster: cluster,
        serviceName: splitService ? `${service}_${direction}` : service,
      });
    }
    case "opentelemetry":
      return tracer("opentelemetry", "OpenTelemetryConfig", {
        serviceName: backend.service,
        ...exportService(cluster, backend.collector, "/v1/traces"),
      });
  }
}

function tracer(name: string, message: string, fields: object): ProtoJson {
  return { name: `envoy.tracers.${name}`, typedConfig: typed(`envoy.config.trace.v3.${message}`, fields) };
}

/** The cluster of the collector. */
export function traceCluster({ backend, cluster: name }: Tracing): Cluster {
  if (backend.type === "opentelemetry") return collectorCluster(name, backend.collector);
  const { host, port } = backend;
  return hostCluster({ name, host, port, ...(backend.type === "zipkin" && backend.isTls && { tls: { serverName: host } }) });
}
