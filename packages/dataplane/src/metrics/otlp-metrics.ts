import type { MetricFamily, Sample } from "./prometheus-text.ts";
import {
  doubleField,
  enumField,
  type Field,
  fixedField,
  messageField,
  repeatedDoubles,
  repeatedFixed,
  textField,
} from "./protobuf.ts";

export interface ExportOptions {
  /** `service.name` of the resource. */
  readonly service: string;
  /** Of every data point. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly timeMs: number;
}

/** Sums since the start of whatever counts (AGGREGATION_TEMPORALITY_CUMULATIVE). */
const cumulative = 2;
/** Points of one request: collectors refuse requests of more than 4 MiB. */
const maxPoints = 5_000;

/** `ExportMetricsServiceRequest`s of OTLP 1.x, as many as their size asks for (opentelemetry/proto/metrics/v1/metrics.proto). */
export function otlpRequests(families: readonly MetricFamily[], options: ExportOptions): readonly Buffer[] {
  const requests: Buffer[] = [];
  let metrics: Field[] = [];
  let points = 0;
  const flush = (): void => {
    if (metrics.length > 0) requests.push(request(metrics, options));
    metrics = [];
    points = 0;
  };
  for (const family of families) {
    if (points + family.samples.length > maxPoints) flush();
    metrics.push(metric(family, options));
    points += family.samples.length;
  }
  flush();
  return requests;
}

function request(metrics: readonly Field[], { service }: ExportOptions): Buffer {
  const resource = messageField(1, keyValue(1, "service.name", service));
  const scope = messageField(1, textField(1, "meridian"));
  return messageField(1, resource, messageField(2, scope, ...metrics));
}

function metric({ name, type, help = "", samples }: MetricFamily, options: ExportOptions): Field {
  return messageField(2, textField(1, name), textField(2, help), data(type, samples, options));
}

function data(type: string, samples: readonly Sample[], options: ExportOptions): Field {
  switch (type) {
    case "counter":
      return messageField(7, ...samples.map((each) => numberPoint(each, options)), enumField(2, cumulative), enumField(3, 1));
    case "histogram":
      return messageField(9, ...series(samples).map((each) => histogramPoint(each, options)), enumField(2, cumulative));
    case "summary":
      return messageField(11, ...series(samples).map((each) => summaryPoint(each, options)));
    default:
      return messageField(5, ...samples.map((each) => numberPoint(each, options)));
  }
}

function numberPoint({ labels, value }: Sample, options: ExportOptions): Field {
  return messageField(1, time(options), doubleField(4, numberOf(value), true), ...attributes(7, parseLabels(labels), options));
}

/** The samples of a histogram or summary that are about the same thing. */
interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** By upper bound or quantile. */
  readonly parts: [bound: number, value: number][];
  sum: number;
  count: number;
}

function series(samples: readonly Sample[]): readonly Series[] {
  const byLabels = new Map<string, Series>();
  for (const { name, labels: text, value: valueText } of samples) {
    const { le, quantile, ...labels } = parseLabels(text);
    const key = JSON.stringify(Object.entries(labels).sort());
    const found = byLabels.get(key) ?? { labels, parts: [], sum: 0, count: 0 };
    byLabels.set(key, found);
    const value = numberOf(valueText);
    const bound = le ?? quantile;
    if (bound !== undefined) found.parts.push([numberOf(bound), value]);
    else if (name.endsWith("_sum")) found.sum = value;
    else if (name.endsWith("_count")) found.count = value;
  }
  return [...byLabels.values()];
}

/** Prometheus counts each bucket with all smaller ones, OTLP each by itself; the last has no bound. */
function histogramPoint({ labels, parts, sum, count }: Series, options: ExportOptions): Field {
  const buckets = parts.filter(([bound]) => Number.isFinite(bound)).sort(([a], [b]) => a - b);
  const counts = [...buckets.map(([, value]) => value), count];
  const own = counts.map((value, index) => value - (counts[index - 1] ?? 0));
  return messageField(
    1,
    time(options),
    fixedField(4, count),
    doubleField(5, sum, true),
    repeatedFixed(6, own),
    repeatedDoubles(
      7,
      buckets.map(([bound]) => bound),
    ),
    ...attributes(9, labels, options),
  );
}

function summaryPoint({ labels, parts, sum, count }: Series, options: ExportOptions): Field {
  const quantiles = parts.map(([quantile, value]) => messageField(6, doubleField(1, quantile), doubleField(2, value)));
  return messageField(
    1,
    time(options),
    fixedField(4, count),
    doubleField(5, sum),
    ...quantiles,
    ...attributes(7, labels, options),
  );
}

function time({ timeMs }: ExportOptions): Field {
  return fixedField(3, BigInt(Math.round(timeMs)) * 1_000_000n);
}

function attributes(id: number, labels: Readonly<Record<string, string>>, options: ExportOptions): readonly Field[] {
  return Object.entries({ ...options.attributes, ...labels }).map(([key, value]) => keyValue(id, key, value));
}

function keyValue(id: number, key: string, value: string): Field {
  return messageField(id, textField(1, key), messageField(2, textField(1, value)));
}

const labelPattern = /([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"/g;

function parseLabels(text: string): Readonly<Record<string, string>> {
  const labels = [...text.matchAll(labelPattern)].map(([, name = "", value = ""]) => {
    return [name, value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped))];
  });
  return Object.fromEntries(labels);
}

/** The time behind a value does not matter: points have that of their collection. */
function numberOf(text: string): number {
  const [value = ""] = text.split(" ");
  if (/^[+-]?Inf$/i.test(value)) return value.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(value);
}
