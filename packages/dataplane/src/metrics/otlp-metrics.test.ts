import protobuf from "protobufjs";
import { expect, it } from "vitest";
import { otlpRequests } from "./otlp-metrics.ts";
import { parsePrometheusText } from "./prometheus-text.ts";

// Field numbers of opentelemetry/proto/metrics/v1/metrics.proto, for what is written here.
const messages = protobuf.parse(`
syntax = "proto3";
message AnyValue { string string_value = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message Point { fixed64 time_unix_nano = 3; double as_double = 4; repeated KeyValue attributes = 7; }
message HistogramPoint { fixed64 time_unix_nano = 3; fixed64 count = 4; double sum = 5; repeated fixed64 bucket_counts = 6;
  repeated double explicit_bounds = 7; repeated KeyValue attributes = 9; }
message Quantile { double quantile = 1; double value = 2; }
message SummaryPoint { fixed64 time_unix_nano = 3; fixed64 count = 4; double sum = 5; repeated Quantile quantile_values = 6; }
message Gauge { repeated Point data_points = 1; }
message Sum { repeated Point data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Histogram { repeated HistogramPoint data_points = 1; int32 aggregation_temporality = 2; }
message Summary { repeated SummaryPoint data_points = 1; }
message Metric { string name = 1; string description = 2; Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; Summary summary = 11; }
message ScopeMetrics { repeated Metric metrics = 2; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message Request { repeated ResourceMetrics resource_metrics = 1; }
`).root;
const requestType = messages.lookupType("Request");

interface Decoded {
  readonly resourceMetrics: readonly {
    readonly resource: object;
    readonly scopeMetrics: readonly { readonly metrics: readonly object[] }[];
  }[];
}

function decoded(text: string, attributes: Readonly<Record<string, string>> = {}): readonly Decoded[] {
  const requests = otlpRequests(parsePrometheusText(text), { service: "web", attributes, timeMs: 1_700_000_000_123 });
  return requests.map((bytes) => requestType.toObject(requestType.decode(bytes), { longs: String }) as Decoded);
}

const metricsOf = (text: string) => decoded(text)[0]?.resourceMetrics[0]?.scopeMetrics[0]?.metrics;
const timeUnixNano = "1700000000123000000";

it("counters are sums, and everything has the proxy's attributes", () => {
  const [request] = decoded('# HELP rq Requests.\n# TYPE rq counter\nrq{code="200",path="a\\\\b"} 3\n', { mesh: "default" });
  expect(request?.resourceMetrics[0]?.resource).toEqual({ attributes: [{ key: "service.name", value: { stringValue: "web" } }] });
  const attributes = Object.entries({ mesh: "default", code: "200", path: "a\\b" }).map(([key, stringValue]) => ({
    key,
    value: { stringValue },
  }));
  expect(request?.resourceMetrics[0]?.scopeMetrics[0]?.metrics).toEqual([
    {
      ...{ name: "rq", description: "Requests." },
      sum: { dataPoints: [{ timeUnixNano, asDouble: 3, attributes }], aggregationTemporality: 2, isMonotonic: true },
    },
  ]);
});

it("gauges stay, and what has no type is one", () => {
  const point = (asDouble: number) => ({ gauge: { dataPoints: [{ timeUnixNano, asDouble }] } });
  expect(metricsOf("# TYPE a gauge\na 0\nb 2\n")).toEqual([
    { name: "a", ...point(0) },
    { name: "b", ...point(2) },
  ]);
});

it("buckets of a histogram count for themselves", () => {
  const text = '# TYPE t histogram\nt_bucket{le="1"} 2\nt_bucket{le="5"} 3\nt_bucket{le="+Inf"} 7\nt_sum 20.5\nt_count 7\n';
  const point = { timeUnixNano, count: "7", sum: 20.5, bucketCounts: ["2", "1", "4"], explicitBounds: [1, 5] };
  expect(metricsOf(text)).toEqual([{ name: "t", histogram: { dataPoints: [point], aggregationTemporality: 2 } }]);
});

it("summaries keep their quantiles", () => {
  const text = '# TYPE t summary\nt{quantile="0.5"} 2\nt{quantile="0.9"} 3\nt_sum 5\nt_count 2\n';
  const quantileValues = [
    { quantile: 0.5, value: 2 },
    { quantile: 0.9, value: 3 },
  ];
  expect(metricsOf(text)).toEqual([
    { name: "t", summary: { dataPoints: [{ timeUnixNano, count: "2", sum: 5, quantileValues }] } },
  ]);
});

it("many metrics come in several requests, and none in none", () => {
  const text = Array.from({ length: 12_000 }, (_, index) => `m${index} 1`).join("\n");
  expect(decoded(text)).toHaveLength(3);
  expect(decoded("")).toEqual([]);
});
