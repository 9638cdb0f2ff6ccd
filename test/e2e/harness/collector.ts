import { createServer } from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import { Server, ServerCredentials, type ServerUnaryCall, type ServiceDefinition, type sendUnaryData } from "@grpc/grpc-js";
import protobuf from "protobufjs";

/** What a test sends logs, spans and metrics to, and reads them from: none of it is part of the product. */

const otlp = protobuf.parse(`
syntax = "proto3";
package otlp;
message AnyValue { oneof value { string string_value = 1; KeyValueList kvlist_value = 6; } }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message LogRecord { AnyValue body = 5; repeated KeyValue attributes = 6; }
message ScopeLogs { repeated LogRecord log_records = 2; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
message Logs { repeated ResourceLogs resource_logs = 1; }
message Span { bytes trace_id = 1; string name = 5; int32 kind = 6; repeated KeyValue attributes = 9; }
message ScopeSpans { repeated Span spans = 2; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message NumberDataPoint { repeated KeyValue attributes = 7; double as_double = 4; }
message NumberPoints { repeated NumberDataPoint data_points = 1; }
message HistogramDataPoint { repeated KeyValue attributes = 9; fixed64 count = 4; repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7; }
message Histogram { repeated HistogramDataPoint data_points = 1; }
message Metric { string name = 1; NumberPoints gauge = 5; NumberPoints sum = 7; Histogram histogram = 9; }
message ScopeMetrics { repeated Metric metrics = 2; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message Metrics { repeated ResourceMetrics resource_metrics = 1; }
message Spans { repeated ResourceSpans resource_spans = 1; }
`).root;

type Fields = Readonly<Record<string, string>>;

export interface CollectedLog {
  readonly body: string;
  readonly attributes: Fields;
  readonly resource: Fields;
}

export interface CollectedSpan {
  readonly traceId: string;
  readonly attributes: Fields;
  readonly resource: Fields;
}

/** One point of a gauge or sum. */
export interface CollectedMetric {
  readonly name: string;
  readonly value: number;
  readonly attributes: Fields;
  readonly resource: Fields;
}

export interface OtlpCollector {
  readonly metrics: readonly CollectedMetric[];
  readonly logs: readonly CollectedLog[];
  readonly spans: readonly CollectedSpan[];
  stop(): Promise<void>;
}

/** A gRPC OTLP receiver. @param address host:port */
export async function startOtlpCollector(address: string): Promise<OtlpCollector> {
  const logs: CollectedLog[] = [];
  const spans: CollectedSpan[] = [];
  const metrics: CollectedMetric[] = [];
  const server = new Server();
  server.addService(exportService("opentelemetry.proto.collector.logs.v1.LogsService"), {
    export: receive((bytes) => logs.push(...readLogs(bytes))),
  });
  server.addService(exportService("opentelemetry.proto.collector.trace.v1.TraceService"), {
    export: receive((bytes) => spans.push(...readSpans(bytes))),
  });
  server.addService(exportService("opentelemetry.proto.collector.metrics.v1.MetricsService"), {
    export: receive((bytes) => metrics.push(...readMetrics(bytes))),
  });
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()));
  });
  return { logs, spans, metrics, stop: async () => server.forceShutdown() };
}

function exportService(name: string): ServiceDefinition {
  const bytes = { serialize: (value: Buffer) => value, deserialize: (value: Buffer) => value };
  return {
    export: {
      ...{ path: `/${name}/Export`, requestStream: false, responseStream: false },
      ...{ requestSerialize: bytes.serialize, requestDeserialize: bytes.deserialize },
      ...{ responseSerialize: bytes.serialize, responseDeserialize: bytes.deserialize },
    },
  };
}

/** An empty answer: everything was taken. */
function receive(take: (bytes: Buffer) => void) {
  return (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>): void => {
    take(call.request);
    answer(null, Buffer.alloc(0));
  };
}

interface KeyValue {
  readonly key: string;
  readonly value?: { readonly stringValue?: string };
}

function fields(list: readonly KeyValue[] = []): Fields {
  return Object.fromEntries(list.map(({ key, value }) => [key, value?.stringValue ?? ""]));
}

function decode<T>(type: string, bytes: Buffer): T {
  const message = otlp.lookupType(`otlp.${type}`);
  return message.toObject(message.decode(bytes), { bytes: String }) as T;
}

interface Resource {
  readonly resource?: { readonly attributes?: readonly KeyValue[] };
}

interface Logs {
  readonly resourceLogs?: readonly (Resource & {
    readonly scopeLogs?: readonly { readonly logRecords?: readonly LogRecord[] }[];
  })[];
}

interface LogRecord {
  readonly body?: { readonly stringValue?: string };
  readonly attributes?: readonly KeyValue[];
}

function readLogs(bytes: Buffer): readonly CollectedLog[] {
  return (decode<Logs>("Logs", bytes).resourceLogs ?? []).flatMap(({ resource, scopeLogs = [] }) =>
    scopeLogs
      .flatMap(({ logRecords = [] }) => logRecords)
      .map(({ body, attributes }) => ({
        ...{ body: body?.stringValue ?? "", attributes: fields(attributes) },
        resource: fields(resource?.attributes),
      })),
  );
}

interface Spans {
  readonly resourceSpans?: readonly (Resource & { readonly scopeSpans?: readonly { readonly spans?: readonly Span[] }[] })[];
}

interface Span {
  readonly traceId?: string;
  readonly attributes?: readonly KeyValue[];
}

function readSpans(bytes: Buffer): readonly CollectedSpan[] {
  return (decode<Spans>("Spans", bytes).resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans
      .flatMap((scope) => scope.spans ?? [])
      .map(({ traceId = "", attributes }) => ({
        ...{ traceId, attributes: fields(attributes) },
        resource: fields(resource?.attributes),
      })),
  );
}

interface Metrics {
  readonly resourceMetrics?: readonly (Resource & {
    readonly scopeMetrics?: readonly { readonly metrics?: readonly Metric[] }[];
  })[];
}

interface Points {
  readonly dataPoints?: readonly { readonly attributes?: readonly KeyValue[]; readonly asDouble?: number }[];
}

interface Metric {
  readonly name?: string;
  readonly gauge?: Points;
  readonly sum?: Points;
}

function readMetrics(bytes: Buffer): readonly CollectedMetric[] {
  return (decode<Metrics>("Metrics", bytes).resourceMetrics ?? []).flatMap(({ resource, scopeMetrics = [] }) =>
    scopeMetrics
      .flatMap((scope) => scope.metrics ?? [])
      .flatMap(({ name = "", gauge, sum }) =>
        [...(gauge?.dataPoints ?? []), ...(sum?.dataPoints ?? [])].map(({ attributes, asDouble = 0 }) => ({
          ...{ name, value: asDouble, attributes: fields(attributes) },
          resource: fields(resource?.attributes),
        })),
      ),
  );
}

export interface TextCollector {
  /** Everything that has arrived so far. */
  readonly text: () => string;
  stop(): Promise<void>;
}

/** Takes whatever is sent over TCP: a collector of access logs. */
export async function startTcpCollector(host: string, port: number): Promise<TextCollector> {
  let received = "";
  const connections = new Set<Socket>();
  const server = createTcpServer((connection) => {
    connections.add(connection);
    connection.setEncoding("utf8").on("data", (text: string) => {
      received += text;
    });
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const connection of connections) connection.destroy();
    });
  return { text: () => received, stop };
}

export interface ZipkinCollector {
  readonly spans: readonly { readonly [field: string]: unknown; readonly tags?: Fields }[];
  stop(): Promise<void>;
}

/** `POST /api/v2/spans` of Zipkin. */
export async function startZipkinCollector(host: string, port: number): Promise<ZipkinCollector> {
  const spans: { readonly [field: string]: unknown }[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    request.on("end", () => {
      const isSpans = request.method === "POST" && request.url === "/api/v2/spans";
      if (isSpans) spans.push(...(JSON.parse(text) as typeof spans));
      response.writeHead(isSpans ? 202 : 404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { spans, stop };
}

/** An application that shows metrics of its own, as text, at any path. */
export async function startMetricsApplication(host: string, port: number, text: string): Promise<{ stop(): Promise<void> }> {
  const server = createServer((_, response) => response.end(text));
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { stop };
}
