import { at, parseDuration, type TargetRefKind, type Violation } from "@meridian/model";
import { isRegisteredStatus } from "../core/fragments/http-status.ts";
import { validateToIsSet } from "../core/fragments/policy-lists.ts";
import { validateTargetedItems, validateTopLevelRef } from "../core/fragments/target-items.ts";
import { destinationKindsWithRoute, topLevelKindsWithRoute } from "../core/fragments/target-kinds.ts";
import { topLevelRef } from "../core/target-ref.ts";
import type { GrpcRetry, HttpRetry, MeshRetrySpec, RetryConf } from "./schema.ts";

/** Paths and texts: resources.md sections 6, 7 and 10. */
export function validateMeshRetry(spec: MeshRetrySpec): readonly Violation[] {
  const { kind } = topLevelRef(spec);
  const forRoutes = kind === "MeshGateway" || kind === "MeshHTTPRoute";
  const kinds: readonly TargetRefKind[] = forRoutes ? ["Mesh", "MeshExternalService"] : destinationKindsWithRoute;
  return [
    ...validateTopLevelRef(spec, topLevelKindsWithRoute),
    ...validateToIsSet(spec),
    ...validateTargetedItems("spec.to", spec.to, { refs: { kinds }, validateConf }),
  ];
}

/** The peer puts a `conf` between `default` and the field, and tools know these paths. */
function validateConf(path: string, { tcp, http, grpc }: RetryConf): readonly Violation[] {
  const where = `${path}.conf`;
  if (!tcp && !http && !grpc) return [{ path: where, message: "at least one of the 'tcp', 'http', 'grpc' must be specified" }];
  return [
    ...(tcp ? validateTcp(`${where}.tcp`, tcp) : []),
    ...(http ? validateHttp(`${where}.http`, http) : []),
    ...(grpc ? validateShared(`${where}.grpc`, grpc) : []),
  ];
}

function validateTcp(path: string, { maxConnectAttempt }: NonNullable<RetryConf["tcp"]>): readonly Violation[] {
  if (maxConnectAttempt === undefined) return [{ path, message: "must not be empty" }];
  return maxConnectAttempt > 0 ? [] : [{ path: `${path}.maxConnectAttempt`, message: "must be greater than 0" }];
}

function validateHttp(path: string, http: HttpRetry): readonly Violation[] {
  // How many hosts to pick is no retry of its own.
  const { hostSelectionMaxAttempts, ...settings } = http;
  return [
    ...validateShared(path, settings),
    ...(http.retryOn ?? []).flatMap((item, index): readonly Violation[] =>
      isCondition(item) ? [] : [{ path: at(`${path}.retryOn`, index), message: `unknown item '${item}'` }],
    ),
    ...validateHostSelection(`${path}.hostSelection`, http.hostSelection ?? []),
  ];
}

function validateShared(path: string, section: Omit<HttpRetry, "retryOn"> | GrpcRetry): readonly Violation[] {
  const { backOff, rateLimitedBackOff } = section;
  const violations: Violation[] = [];
  if (Object.values(section).every((setting) => setting === undefined)) violations.push({ path, message: "must not be empty" });
  if (backOff && backOff.baseInterval === undefined && backOff.maxInterval === undefined) {
    violations.push({ path: `${path}.backOff`, message: "must not be empty" });
  }
  if (rateLimitedBackOff) violations.push(...validateRateLimited(`${path}.rateLimitedBackOff`, rateLimitedBackOff));
  return violations;
}

function validateRateLimited(
  path: string,
  { maxInterval, resetHeaders }: NonNullable<HttpRetry["rateLimitedBackOff"]>,
): readonly Violation[] {
  const violations: Violation[] = [];
  if (maxInterval !== undefined && (parseDuration(maxInterval) ?? 0) <= 0) {
    violations.push({ path: `${path}.maxInterval`, message: "must be defined and greater than zero" });
  }
  if (!resetHeaders) violations.push({ path: `${path}.resetHeaders`, message: "must be defined" });
  return violations;
}

function validateHostSelection(path: string, predicates: NonNullable<HttpRetry["hostSelection"]>): readonly Violation[] {
  const firstByPriority = predicates.findIndex(({ predicate }) => predicate === "OmitPreviousPriorities");
  return predicates.flatMap(({ predicate, tags, updateFrequency = 2 }, index): readonly Violation[] => {
    const where = at(path, index);
    if (predicate === "OmitHostsWithTags") return tags ? [] : [{ path: `${where}.tags`, message: "must be defined" }];
    if (predicate !== "OmitPreviousPriorities") return [];
    const once = { path: `${where}.predicate`, message: `${predicate} must only be specified once` };
    const above0 = { path: `${where}.updateFrequency`, message: "must be defined and greater than zero" };
    return [...(index > firstByPriority ? [once] : []), ...(updateFrequency > 0 ? [] : [above0])];
  });
}

const conditions: ReadonlySet<string> = new Set([
  "5XX",
  // How the reference of the peer's API spells it.
  "5xx",
  "GatewayError",
  "Reset",
  "Retriable4xx",
  "ConnectFailure",
  "EnvoyRatelimited",
  "RefusedStream",
  "Http3PostConnectFailure",
  "HttpMethodConnect",
  "HttpMethodDelete",
  "HttpMethodGet",
  "HttpMethodHead",
  "HttpMethodOptions",
  "HttpMethodPatch",
  "HttpMethodPost",
  "HttpMethodPut",
  "HttpMethodTrace",
]);

function isCondition(item: string): boolean {
  return conditions.has(item) || (/^\d+$/.test(item) && isRegisteredStatus(Number(item)));
}
