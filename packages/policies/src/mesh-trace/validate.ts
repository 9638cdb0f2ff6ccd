import { at, type Violation } from "@meridian/model";
import { validateCollector } from "../core/fragments/open-telemetry.ts";
import { percentageOf } from "../core/fragments/percentage.ts";
import { topLevelKinds } from "../core/fragments/target-kinds.ts";
import { authorityPort, splitUrl } from "../core/fragments/url.ts";
import { validateTargetRef } from "../core/validate-target-ref.ts";
import type { MeshTraceSpec, TraceBackend, TraceConf } from "./schema.ts";

/** Paths and texts: resources.md section 7. */
export function validateMeshTrace({ targetRef, default: conf = {} }: MeshTraceSpec): readonly Violation[] {
  return [
    ...(targetRef ? validateTargetRef("spec.targetRef", targetRef, { kinds: topLevelKinds }) : []),
    ...validateBackends("spec.default.backends", conf.backends),
    ...validateTags("spec.default.tags", conf.tags),
    ...validateSampling("spec.default.sampling", conf.sampling),
  ];
}

function validateBackends(path: string, backends: TraceConf["backends"]): readonly Violation[] {
  if (!backends) return [{ path, message: "must be defined" }];
  const [backend, second] = backends;
  if (second) return [{ path, message: "must have zero or one backend defined" }];
  return backend ? validateBackend(at(path, 0), backend) : [];
}

const fieldOfBackend = { Zipkin: "zipkin", Datadog: "datadog", OpenTelemetry: "openTelemetry" } as const;

function validateBackend(path: string, backend: TraceBackend): readonly Violation[] {
  const field = fieldOfBackend[backend.type];
  const where = `${path}.${field}`;
  if (!backend[field]) return [{ path: where, message: "must be defined" }];
  switch (backend.type) {
    case "Zipkin":
      return validateZipkin(`${where}.url`, backend.zipkin?.url ?? "");
    case "Datadog":
      return validateDatadog(`${where}.url`, backend.datadog?.url ?? "");
    case "OpenTelemetry": {
      const collector = backend.openTelemetry ?? {};
      return [...validateCollector(where, collector), ...validateEndpoint(`${where}.endpoint`, collector.endpoint)];
    }
  }
}

function validateZipkin(path: string, url: string): readonly Violation[] {
  if (url === "") return [{ path, message: "must not be empty" }];
  return splitUrl(url)?.host ? [] : [{ path, message: "must be a valid url" }];
}

/** The agent has one address and no paths, so anything else in the URL is a misunderstanding. */
function validateDatadog(path: string, text: string): readonly Violation[] {
  const url = splitUrl(text);
  if (!url?.scheme) return [{ path, message: "must be a valid url" }];
  const extra = (["user", "path", "query", "fragment"] as const).filter((part) => url[part] !== "");
  return [
    ...(url.scheme === "http" ? [] : [{ path, message: "scheme must be http" }]),
    ...validatePort(path, url.port),
    ...extra.map((part) => ({ path, message: `${part} must not be defined` })),
  ];
}

function validatePort(path: string, port: string): readonly Violation[] {
  if (port === "") return [{ path, message: "port must be defined" }];
  return authorityPort(port) === undefined ? [{ path, message: "port must be a valid (1-65535)" }] : [];
}

/** `host:port` for gRPC; a URL for HTTP. */
function validateEndpoint(path: string, endpoint: string | undefined): readonly Violation[] {
  if (!endpoint?.includes("://")) return [];
  const url = splitUrl(endpoint);
  if (!url?.host) return [{ path, message: "must be a valid URL" }];
  return [
    ...(url.scheme === "http" || url.scheme === "https" ? [] : [{ path, message: "URL scheme must be http or https" }]),
    ...(url.port === "" || authorityPort(url.port) ? [] : [{ path, message: "port must be valid (1-65535)" }]),
  ];
}

function validateTags(path: string, tags: TraceConf["tags"] = []): readonly Violation[] {
  return tags.flatMap(({ name, literal, header }, index) => [
    ...(name === "" ? [{ path: `${at(path, index)}.name`, message: "must not be empty" }] : []),
    ...((literal === undefined) === (header === undefined)
      ? [{ path: at(path, index), message: "tag must have only one type defined: header, literal" }]
      : []),
  ]);
}

function validateSampling(path: string, sampling: TraceConf["sampling"] = {}): readonly Violation[] {
  return (["client", "random", "overall"] as const).flatMap((field): readonly Violation[] => {
    const value = sampling[field];
    if (value === undefined) return [];
    const share = percentageOf(value);
    if (share === undefined) return [{ path: `${path}.${field}`, message: "string is not a number" }];
    return share >= 0 && share <= 100 ? [] : [{ path: `${path}.${field}`, message: "must be between 0 and 100" }];
  });
}

/** The peer sends nothing then: who moves here may be surprised (reference: policies-envoy.md section 14). */
export function portWarnings({ default: conf = {} }: MeshTraceSpec): readonly string[] {
  const url = splitUrl(conf.backends?.[0]?.zipkin?.url ?? "");
  return url?.host && url.port === "" ? ["'zipkin.url' has no port: spans go to 80 for http, 443 for https"] : [];
}
