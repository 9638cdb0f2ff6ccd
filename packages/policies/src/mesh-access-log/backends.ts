import type { World } from "../core/effects/targets.ts";
import { type CollectorRef, missingCollector, resolveCollector } from "../core/observability/collector.ts";
import type { LogBackend } from "../core/observability/log-backend.ts";
import { type LogFormat, textsOf } from "../core/observability/log-format.ts";
import { logPipe, noPipe } from "../core/observability/loggers.ts";
import { workloadKri } from "../core/observability/placeholders.ts";
import type { PolicyNote } from "../core/policy-note.ts";
import type { ProtoJson } from "../core/route.ts";
import type { ProxySubject } from "../core/types.ts";
import type { AccessLogBackend, AccessLogFormat } from "./schema.ts";

export interface ResolvedBackends {
  readonly backends: readonly LogBackend[];
  /** What is asked for in vain. */
  readonly problems: readonly string[];
}

/** The backends of a policy as one proxy can use them: collectors found, pipes named. What it cannot use is left out. */
export function resolveBackends(
  written: readonly AccessLogBackend[],
  { subject, world }: { readonly subject: ProxySubject; readonly world: World },
): ResolvedBackends {
  const resolved = written.map((backend) => resolveBackend(backend, subject, world));
  return {
    backends: resolved.filter((each): each is LogBackend => typeof each !== "string"),
    problems: [...new Set(resolved.filter((each) => typeof each === "string"))],
  };
}

/** A text says why there is none. */
function resolveBackend({ type, file, tcp, openTelemetry }: AccessLogBackend, subject: ProxySubject, world: World) {
  switch (type) {
    case "File":
      return { type: "file", path: file?.path ?? "", ...written(file?.format) } as const;
    case "Tcp": {
      const pipe = logPipe(subject.mesh, subject.self);
      return pipe === undefined ? noPipe : ({ type: "tcp", pipe, address: tcp?.address ?? "", ...written(tcp?.format) } as const);
    }
    case "OpenTelemetry":
      return collectorBackend(openTelemetry ?? {}, subject, world);
  }
}

function collectorBackend(
  openTelemetry: NonNullable<AccessLogBackend["openTelemetry"]>,
  subject: ProxySubject,
  world: World,
): LogBackend | string {
  const { body, attributes } = openTelemetry;
  const ref = openTelemetry as CollectorRef;
  const collector = resolveCollector(ref, world);
  if (!collector) return missingCollector(ref);
  const workload = workloadKri(subject);
  return {
    ...{ type: "otel", collector },
    ...(body !== undefined && body !== null && { body: anyValue(body) }),
    ...(attributes && { attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, value])) }),
    ...(workload && { workload }),
  } as const;
}

/** For the policies that decided together. */
export function notesOn(problems: readonly string[], origins: readonly string[]): readonly PolicyNote[] {
  return problems.flatMap((message) => origins.map((policy) => ({ policy, message })));
}

const anyValueFields = ["stringValue", "boolValue", "intValue", "doubleValue", "arrayValue", "kvlistValue", "bytesValue"];

/** An OTLP `AnyValue` as it is written; anything else as text. */
function anyValue(body: unknown): ProtoJson {
  if (typeof body === "string") return { stringValue: body };
  const fields = typeof body === "object" && body !== null && !Array.isArray(body) ? Object.keys(body) : [];
  const isAnyValue = fields.length === 1 && anyValueFields.includes(fields[0] ?? "");
  return isAnyValue ? (body as ProtoJson) : { stringValue: JSON.stringify(body) };
}

/** Key and value of a field bring their own escapes, for they once went into JSON as they are; validation sees that they can. */
function written(format: AccessLogFormat | undefined): { readonly format?: LogFormat } {
  if (!format) return {};
  const omit = format.omitEmptyValues ? ({ omitEmptyValues: true } as const) : {};
  if (format.type === "Plain") return { format: { text: format.plain ?? "", ...omit } };
  const entries = (format.json ?? []).map(({ key, value }) => [unescaped(key), unescaped(value)] as const);
  return { format: { fields: Object.fromEntries(entries), ...omit } };
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}

/** Every text of a backend, as it is written, in which a placeholder may stand. */
export function writtenTexts({ type, file, tcp, openTelemetry }: AccessLogBackend): readonly string[] {
  if (type !== "OpenTelemetry") return textsOf(written(type === "File" ? file?.format : tcp?.format).format);
  const { body, attributes = [] } = openTelemetry ?? {};
  return [...(body ? [JSON.stringify(body)] : textsOf(undefined)), ...attributes.map(({ value }) => value)];
}
