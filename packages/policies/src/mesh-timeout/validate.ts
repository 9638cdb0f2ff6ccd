import type { TargetRefKind, Violation } from "@meridian/model";
import { validateDurationsAbove0, validateDurationsNotNegative } from "../core/fragments/duration.ts";
import { validateLists } from "../core/fragments/policy-lists.ts";
import { validateRuleItems, validateTargetedItems, validateTopLevelRef } from "../core/fragments/target-items.ts";
import { destinationKindsWithRoute, topLevelKindsWithRoute } from "../core/fragments/target-kinds.ts";
import { topLevelRef } from "../core/target-ref.ts";
import type { MeshTimeoutSpec, TimeoutConf } from "./schema.ts";

/** Paths and texts: resources.md sections 6 and 7. */
export function validateMeshTimeout(spec: MeshTimeoutSpec): readonly Violation[] {
  const { kind } = topLevelRef(spec);
  const outboundOnly = kind === "MeshGateway" || kind === "MeshHTTPRoute";
  const toKinds: readonly TargetRefKind[] = outboundOnly ? ["Mesh", "MeshExternalService"] : destinationKindsWithRoute;
  const validateConf = (path: string, conf: TimeoutConf) => [
    ...(kind === "MeshHTTPRoute" ? refuseForRoute(path, conf) : []),
    ...validateTimeouts(path, conf),
  ];
  return [
    ...validateTopLevelRef(spec, topLevelKindsWithRoute),
    ...validateLists(spec),
    ...(outboundOnly && spec.from?.length
      ? [{ path: "spec.from", message: "must not be defined" }]
      : validateTargetedItems("spec.from", spec.from, { refs: { kinds: ["Mesh"] }, validateConf })),
    ...validateTargetedItems("spec.to", spec.to, { refs: { kinds: toKinds }, validateConf }),
    ...validateRuleItems("spec.rules", spec.rules, (path, conf: TimeoutConf, { matches = [] }) => [
      ...(matches.some(({ spiffeID }) => spiffeID) ? refuseForClient(path, conf) : []),
      ...validateConf(path, conf),
    ]),
  ];
}

function validateTimeouts(path: string, conf: TimeoutConf): readonly Violation[] {
  const { connectionTimeout, idleTimeout, http } = conf;
  if (connectionTimeout === undefined && idleTimeout === undefined && !http) {
    return [{ path, message: "at least one timeout should be configured" }];
  }
  return [
    ...validateDurationsAbove0(path, { connectionTimeout }),
    ...validateDurationsNotNegative(path, { idleTimeout }),
    ...(http ? validateHttp(`${path}.http`, http) : []),
  ];
}

/** `requestHeadersTimeout` alone does not make a section. */
function validateHttp(path: string, http: NonNullable<TimeoutConf["http"]>): readonly Violation[] {
  const { requestHeadersTimeout, ...others } = http;
  const isEmpty = Object.values(others).every((timeout) => timeout === undefined);
  return [
    ...(isEmpty ? [{ path, message: "at least one timeout in this section should be configured" }] : []),
    ...validateDurationsNotNegative(path, { ...others, requestHeadersTimeout }),
  ];
}

/** A route has no say in what happens to its connection. */
function refuseForRoute(path: string, { connectionTimeout, idleTimeout, http = {} }: TimeoutConf): readonly Violation[] {
  const { maxStreamDuration, maxConnectionDuration } = http;
  return refuse("can't be specified when top-level TargetRef is referencing MeshHTTPRoute", {
    [`${path}.connectionTimeout`]: connectionTimeout,
    [`${path}.idleTimeout`]: idleTimeout,
    [`${path}.http.maxStreamDuration`]: maxStreamDuration,
    [`${path}.http.maxConnectionDuration`]: maxConnectionDuration,
  });
}

/** Who the client is decides between routes, when the connection and its headers are there already. */
function refuseForClient(path: string, { connectionTimeout, idleTimeout, http = {} }: TimeoutConf): readonly Violation[] {
  const { requestHeadersTimeout, maxStreamDuration, maxConnectionDuration } = http;
  const reason = "because this field cannot be conditioned on source identity";
  return refuse(`can't be specified when matches contain spiffeID ${reason}`, {
    [`${path}.connectionTimeout`]: connectionTimeout,
    [`${path}.idleTimeout`]: idleTimeout,
    [`${path}.http.requestHeadersTimeout`]: requestHeadersTimeout,
    [`${path}.http.maxStreamDuration`]: maxStreamDuration,
    [`${path}.http.maxConnectionDuration`]: maxConnectionDuration,
  });
}

function refuse(message: string, fields: Readonly<Record<string, string | undefined>>): readonly Violation[] {
  return Object.entries(fields).flatMap(([path, value]) => (value === undefined ? [] : [{ path, message }]));
}
