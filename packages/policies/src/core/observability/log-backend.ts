import { typed } from "@meridian/envoy";
import type { ProtoJson } from "../route.ts";
import { type Collector, collectorClusterName, exportService } from "./collector.ts";
import { defaultFormat, type LogFormat, substitution, textsOf } from "./log-format.ts";
import { fillPlaceholders, type LogValues } from "./placeholders.ts";

/** Where access logs of one target go; plain JSON, as it stands in a conf. */
export type LogBackend =
  | { readonly type: "file"; readonly path: string; readonly format?: LogFormat }
  | {
      readonly type: "tcp";
      /** From which the program beside Envoy reads lines and sends them on. */
      readonly pipe: string;
      /** host:port */
      readonly address: string;
      readonly format?: LogFormat;
      /** Lines are `address;text`, as a TrafficLog's are, instead of JSON objects with address and message. */
      readonly isLegacy?: true;
    }
  | {
      readonly type: "otel";
      readonly collector: Collector;
      /** OTLP `AnyValue` in proto JSON; absent: the default format. */
      readonly body?: ProtoJson;
      readonly attributes?: Readonly<Record<string, string>>;
      /** Also the KRI of the client's workload. */
      readonly workload?: string;
    };

export const logCollectors = "meshaccesslog:opentelemetry";

/** Envoy `AccessLog` in proto JSON. */
export function accessLogger(backend: LogBackend, values: LogValues, isHttp: boolean): ProtoJson {
  switch (backend.type) {
    case "file":
      return fileLogger(backend.path, lineFormat(backend.format, values, isHttp));
    case "tcp":
      return fileLogger(backend.pipe, forwardedFormat(backend, values, isHttp));
    case "otel":
      return collectorLogger(backend, values, isHttp);
  }
}

/** Every text of a backend in which a placeholder may stand. */
export function backendTexts(backend: LogBackend): readonly string[] {
  if (backend.type !== "otel") return textsOf(backend.format);
  return [...(backend.body ? [JSON.stringify(backend.body)] : textsOf(undefined)), ...Object.values(backend.attributes ?? {})];
}

function fileLogger(path: string, logFormat: ProtoJson): ProtoJson {
  const name = "envoy.access_loggers.file";
  return { name, typedConfig: typed("envoy.extensions.access_loggers.file.v3.FileAccessLog", { path, logFormat }) };
}

function lineFormat(format: LogFormat = { text: "" }, values: LogValues, isHttp: boolean): ProtoJson {
  if ("fields" in format) {
    return substitution({ jsonFormat: filledFields(format.fields, values) }, format.omitEmptyValues);
  }
  const text = filledText(format, values, isHttp);
  return substitution({ textFormatSource: { inlineString: `${text}\n` } }, format.omitEmptyValues);
}

type TcpBackend = Extract<LogBackend, { readonly type: "tcp" }>;

function forwardedFormat(
  { address, format = { text: "" }, isLegacy }: TcpBackend,
  values: LogValues,
  isHttp: boolean,
): ProtoJson {
  if ("fields" in format) {
    const message = filledFields(format.fields, values);
    return substitution({ jsonFormat: { address, message } }, format.omitEmptyValues);
  }
  const text = filledText(format, values, isHttp);
  const content = isLegacy
    ? { textFormatSource: { inlineString: `${address};${text}\n` } }
    : { jsonFormat: { address, message: `${text}\n` } };
  return substitution(content, format.omitEmptyValues);
}

function collectorLogger(
  { collector, body, attributes = {}, workload }: Extract<LogBackend, { readonly type: "otel" }>,
  values: LogValues,
  isHttp: boolean,
): ProtoJson {
  const filled = body ? filledJson(body, values) : { stringValue: fillPlaceholders(defaultFormat(isHttp), values) };
  const { mesh, zone } = values;
  const resource = { "kuma.mesh": mesh, "kuma.zone": zone, ...(workload && { "kuma.workload": workload }) };
  return {
    name: "envoy.access_loggers.open_telemetry",
    typedConfig: typed("envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig", {
      logName: "MeshAccessLog",
      ...exportService(collectorClusterName(logCollectors, collector), collector, "/v1/logs"),
      body: filled,
      attributes: keyValues(filledFields(attributes, values)),
      resourceAttributes: keyValues(resource),
    }),
  };
}

function filledText(format: { readonly text: string }, values: LogValues, isHttp: boolean): string {
  return fillPlaceholders(format.text || defaultFormat(isHttp), values);
}

function filledFields(fields: Readonly<Record<string, string>>, values: LogValues): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).map(([key, text]) => [key, fillPlaceholders(text, values)]));
}

function filledJson(json: unknown, values: LogValues): ProtoJson {
  const fill = (value: unknown): unknown => {
    if (typeof value === "string") return fillPlaceholders(value, values);
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, fill(field)]));
  };
  return fill(json) as ProtoJson;
}

/** OTLP `KeyValueList` in proto JSON. */
function keyValues(fields: Readonly<Record<string, string>>): ProtoJson {
  return { values: Object.entries(fields).map(([key, stringValue]) => ({ key, value: { stringValue } })) };
}
