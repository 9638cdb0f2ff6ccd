import { type Cluster, type Duration, typed } from "@meridian/envoy";
import type { ProtoJson } from "../route.ts";
import { envoyDuration, positiveDuration } from "./durations.ts";
import { setFailTrafficOnPanic, setPanicThreshold } from "./panic.ts";
import { present } from "./present.ts";

/** What the health checks of both generations have in common. */
interface CheckFields {
  readonly interval?: string | undefined;
  readonly timeout?: string | undefined;
  readonly unhealthyThreshold?: number | undefined;
  readonly healthyThreshold?: number | undefined;
  readonly initialJitter?: string | undefined;
  readonly intervalJitter?: string | undefined;
  readonly intervalJitterPercent?: number | undefined;
  readonly eventLogPath?: string | undefined;
  readonly alwaysLogHealthCheckFailures?: boolean | undefined;
  readonly noTrafficInterval?: string | undefined;
  readonly reuseConnection?: boolean | undefined;
}

const defaults = { interval: "60s", timeout: "15s", unhealthyThreshold: 5, healthyThreshold: 1 } as const;

/** Envoy `HealthCheck`. @param checker its `health_checker`: `{ tcpHealthCheck: {} }` … */
export function healthCheck(fields: CheckFields, checker: ProtoJson): ProtoJson {
  return {
    interval: positiveDuration(fields.interval) ?? (defaults.interval satisfies Duration),
    timeout: positiveDuration(fields.timeout) ?? (defaults.timeout satisfies Duration),
    unhealthyThreshold: fields.unhealthyThreshold ?? defaults.unhealthyThreshold,
    healthyThreshold: fields.healthyThreshold ?? defaults.healthyThreshold,
    ...present({
      initialJitter: envoyDuration(fields.initialJitter),
      intervalJitter: envoyDuration(fields.intervalJitter),
      intervalJitterPercent: fields.intervalJitterPercent,
      alwaysLogHealthCheckFailures: fields.alwaysLogHealthCheckFailures,
      noTrafficInterval: positiveDuration(fields.noTrafficInterval),
      reuseConnection: fields.reuseConnection,
    }),
    ...(fields.eventLogPath && { eventLogger: [fileSink(fields.eventLogPath)] }),
    ...checker,
  };
}

/** Envoy warns of `event_log_path`, which this takes the place of. */
function fileSink(eventLogPath: string): ProtoJson {
  return {
    name: "envoy.health_check.event_sinks.file",
    typedConfig: typed("envoy.extensions.health_check.event_sinks.file.v3.HealthCheckEventFileSink", { eventLogPath }),
  };
}

/** What is sent and awaited, as Envoy wants it: in hex. An empty payload it would refuse. @param base64 as users write bytes. */
export function tcpCheck(send: string | undefined, receive: readonly string[] = []): ProtoJson {
  const parts = receive.map(payload).filter((part) => part !== undefined);
  return { tcpHealthCheck: { ...present({ send: payload(send) }), ...(parts.length > 0 && { receive: parts }) } };
}

/** Text that is no base64 is sent as it is. */
function payload(text = ""): ProtoJson | undefined {
  const encoding = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(text) ? "base64" : "utf8";
  const hex = Buffer.from(text, encoding).toString("hex");
  return hex === "" ? undefined : { text: hex };
}

export interface HttpCheck {
  readonly path: string;
  /** Envoy `HeaderValueOption`s. */
  readonly headers: readonly ProtoJson[];
  /** Empty: 200. */
  readonly statuses: readonly number[];
  readonly isHttp2: boolean;
}

export function httpCheck({ path, headers, statuses, isHttp2 }: HttpCheck): ProtoJson {
  return {
    httpHealthCheck: {
      path,
      ...(headers.length > 0 && { requestHeadersToAdd: headers }),
      ...(statuses.length > 0 && {
        expectedStatuses: statuses.map((start) => ({ start: String(start), end: String(start + 1) })),
      }),
      codecClientType: isHttp2 ? "HTTP2" : "HTTP1",
    },
  };
}

export interface CheckSettings {
  /** Envoy `HealthCheck`. */
  readonly check?: ProtoJson;
  readonly panicPercent?: number;
  readonly failsOnPanic?: boolean;
}

/** One check, in the place of any other: Envoy refuses several without names. */
export function setHealthCheck(cluster: Cluster, { check, panicPercent, failsOnPanic }: CheckSettings): Cluster {
  const checked = check ? { ...cluster, healthChecks: [check] } : cluster;
  return setFailTrafficOnPanic(setPanicThreshold(checked, panicPercent), failsOnPanic);
}
