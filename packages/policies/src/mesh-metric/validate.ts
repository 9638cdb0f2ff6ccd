import { at, type Violation, validatePort } from "@meridian/model";
import { isCollectorAddress, validateCollector } from "../core/fragments/open-telemetry.ts";
import { isRe2 } from "../core/fragments/re2.ts";
import { topLevelKinds } from "../core/fragments/target-kinds.ts";
import { validateTargetRef } from "../core/validate-target-ref.ts";
import type { MeshMetricSpec, MetricBackend, MetricConf, MetricSelector } from "./schema.ts";

/** Texts: resources.md section 7. The peer names lists twice: `applications.application[0]`, `backends.backend[0]` (section 10). */
export function validateMeshMetric({ targetRef, default: conf = {} }: MeshMetricSpec): readonly Violation[] {
  return [
    ...(targetRef ? validateTargetRef("spec.targetRef", targetRef, { kinds: topLevelKinds, gatewayTags: true }) : []),
    ...validateProfiles("spec.default.sidecar.profiles", conf.sidecar?.profiles),
    ...(conf.applications ?? []).flatMap(({ port }, index) =>
      validatePort(at("spec.default.applications.application", index), port),
    ),
    ...(conf.backends ?? []).flatMap((backend, index) => validateBackend(at("spec.default.backends.backend", index), backend)),
  ];
}

type Profiles = NonNullable<NonNullable<MetricConf["sidecar"]>["profiles"]>;

function validateProfiles(path: string, { exclude = [], include = [] }: Profiles = {}): readonly Violation[] {
  const check = (list: string, selectors: readonly MetricSelector[]): readonly Violation[] =>
    selectors.flatMap(({ type, match }, index) =>
      type === "Regex" && !isRe2(match) ? [{ path: `${at(`${path}.${list}`, index)}.match`, message: "invalid regex" }] : [],
    );
  return [...check("exclude", exclude), ...check("include", include)];
}

function validateBackend(path: string, { type, prometheus, openTelemetry }: MetricBackend): readonly Violation[] {
  if (type === "Prometheus") {
    if (!prometheus) return [{ path: `${path}.prometheus`, message: "must be defined" }];
    return prometheus.port === undefined ? [] : validatePort(`${path}.port`, prometheus.port);
  }
  const where = `${path}.openTelemetry`;
  if (!openTelemetry) return [{ path: where, message: "must be defined" }];
  return [...validateCollector(where, openTelemetry), ...validateEndpoint(`${where}.endpoint`, openTelemetry.endpoint)];
}

function validateEndpoint(path: string, endpoint = ""): readonly Violation[] {
  if (endpoint === "") return [];
  if (/^https?:\/\//.test(endpoint)) return [{ path, message: "must not use schema" }];
  return isCollectorAddress(endpoint) ? [] : [{ path, message: "must be a valid url" }];
}

/** Two Prometheus backends on one port, or for one client, shadow each other (reference: policies-envoy.md section 15). */
export function backendWarnings({ default: conf = {} }: MeshMetricSpec): readonly string[] {
  const backends = (conf.backends ?? []).flatMap(({ prometheus }) => prometheus ?? []);
  const distinct = (values: readonly unknown[]) => new Set(values).size;
  return [
    ...(distinct(backends.map(({ port }) => port)) < backends.length ? ["two Prometheus backends have the same port"] : []),
    ...(distinct(backends.map(({ clientId }) => clientId)) < backends.length
      ? ["two Prometheus backends have the same clientId"]
      : []),
  ];
}
