import { isIP } from "node:net";
import { at, type Violation, validateResourceName } from "@meridian/model";
import { validateBackendRefs } from "../core/fragments/backend-ref.ts";
import type { HeaderModifier } from "../core/fragments/header.ts";
import { validatePercentage } from "../core/fragments/percentage.ts";
import { topLevelRef } from "../core/target-ref.ts";
import { validateTargetRef } from "../core/validate-target-ref.ts";
import type { MeshHttpRouteSpec, PathRewrite, RouteFilter, RouteMatch, RouteRule, RouteTo } from "./schema.ts";

/** Paths and texts: resources.md sections 6 and 7. */
export function validateMeshHttpRoute(spec: MeshHttpRouteSpec): readonly Violation[] {
  const onGateway = topLevelRef(spec).kind === "MeshGateway";
  const top = spec.targetRef
    ? validateTargetRef("spec.targetRef", spec.targetRef, {
        kinds: ["Mesh", "MeshSubset", "MeshGateway", "MeshService", "MeshServiceSubset", "Dataplane"],
        gatewayTags: true,
      })
    : [];
  return [...top, ...(spec.to ?? []).flatMap((to, index) => validateTo(at("spec.to", index), to, onGateway))];
}

function validateTo(path: string, to: RouteTo, onGateway: boolean): readonly Violation[] {
  const kinds = onGateway ? (["Mesh"] as const) : (["MeshService", "MeshExternalService", "MeshMultiZoneService"] as const);
  const hostnames = !onGateway && (to.hostnames?.length ?? 0) > 0;
  return [
    ...validateTargetRef(`${path}.targetRef`, to.targetRef, { kinds }),
    ...to.rules.flatMap((rule, index) => validateRule(at(`${path}.rules`, index), rule, onGateway)),
    ...(hostnames ? [{ path: `${path}.hostnames`, message: "must not be defined" }] : []),
  ];
}

function validateRule(path: string, rule: RouteRule, onGateway: boolean): readonly Violation[] {
  const filters = rule.default.filters ?? [];
  return [
    ...rule.matches.flatMap((match, index) => validateMatch(at(`${path}.matches`, index), match)),
    ...filters.flatMap((filter, index) => validateFilter(at(`${path}.default.filters`, index), filter, { rule, onGateway })),
    ...validateBackends(`${path}.default.backendRefs`, rule, onGateway),
  ];
}

function validateMatch(path: string, match: RouteMatch): readonly Violation[] {
  const parameters = match.queryParams ?? [];
  const repeated = parameters.flatMap(({ name }, index): readonly Violation[] => {
    const isFirst = parameters.findIndex((other) => other.name === name) === index;
    if (isFirst) return [];
    return [{ path: `${at(`${path}.queryParams`, index)}.name`, message: `multiple entries for name ${name}` }];
  });
  const headers = (match.headers ?? []).flatMap(({ type, value }, index): readonly Violation[] => {
    const takesValue = type !== "Present" && type !== "Absent";
    return takesValue || !value ? [] : [{ path: `${at(`${path}.headers`, index)}.value`, message: "must not be defined" }];
  });
  return [...validatePath(`${path}.path.value`, match.path), ...repeated, ...headers];
}

function validatePath(path: string, match: RouteMatch["path"]): readonly Violation[] {
  if (!match || match.type === "RegularExpression" || match.value === "/") return [];
  const violations: Violation[] = [];
  if (match.type === "PathPrefix" && match.value.endsWith("/")) {
    const message = "does not need a trailing slash because only a `/`-separated prefix or an entire path is matched";
    violations.push({ path, message });
  }
  if (!match.value.startsWith("/")) violations.push({ path, message: "must be an absolute path" });
  return violations;
}

interface FilterContext {
  readonly rule: RouteRule;
  readonly onGateway: boolean;
}

function validateFilter(path: string, filter: RouteFilter, context: FilterContext): readonly Violation[] {
  const field = fieldOfFilter[filter.type];
  const where = `${path}.${field}`;
  if (filter[field] === undefined) return [{ path: where, message: "must be defined" }];
  switch (filter.type) {
    case "RequestHeaderModifier":
      return validateHeaderModifier(where, filter.requestHeaderModifier ?? {});
    case "ResponseHeaderModifier":
      return validateHeaderModifier(where, filter.responseHeaderModifier ?? {});
    case "RequestRedirect":
      return [
        ...validateRewrite(`${where}.path`, filter.requestRedirect?.path, context.rule),
        ...validateHostname(`${where}.hostname`, filter.requestRedirect?.hostname),
      ];
    case "URLRewrite":
      return [
        ...validateRewrite(`${where}.path`, filter.urlRewrite?.path, context.rule),
        ...validateHostname(`${where}.hostname`, filter.urlRewrite?.hostname),
        ...validateBackendHostname(`${where}.hostToBackendHostname`, filter.urlRewrite, context.onGateway),
      ];
    case "RequestMirror":
      return validateMirror(where, filter.requestMirror);
  }
}

const fieldOfFilter = {
  RequestHeaderModifier: "requestHeaderModifier",
  ResponseHeaderModifier: "responseHeaderModifier",
  RequestRedirect: "requestRedirect",
  URLRewrite: "urlRewrite",
  RequestMirror: "requestMirror",
} as const;

function validateHeaderModifier(path: string, modifier: HeaderModifier): readonly Violation[] {
  if (!modifier.set && !modifier.add && !modifier.remove) {
    return [{ path, message: "must have at least one defined: set, add, remove" }];
  }
  const names = [
    ...(modifier.set ?? []).map(({ name }, index) => ({ path: `${at(`${path}.set`, index)}.name`, name })),
    ...(modifier.add ?? []).map(({ name }, index) => ({ path: `${at(`${path}.add`, index)}.name`, name })),
    ...(modifier.remove ?? []).map((name, index) => ({ path: `${at(`${path}.remove`, index)}.name`, name })),
  ];
  return names
    .filter(({ name }, index) => names.findIndex((other) => other.name === name) < index)
    .map((repeated) => ({ path: repeated.path, message: "duplicate header name" }));
}

/** The field of the given type must be there; a prefix can only be replaced where every match has one ("" takes it away). */
function validateRewrite(path: string, rewrite: PathRewrite | undefined, rule: RouteRule): readonly Violation[] {
  if (!rewrite) return [];
  const field = rewrite.type === "ReplaceFullPath" ? "replaceFullPath" : "replacePrefixMatch";
  const value = rewrite[field];
  const where = `${path}.${field}`;
  if (value === undefined) return [{ path: where, message: "must be defined" }];
  const isPath = value.startsWith("/") || (value === "" && field === "replacePrefixMatch");
  const violations: Violation[] = isPath ? [] : [{ path: where, message: "must be an absolute path" }];
  if (field === "replacePrefixMatch" && rule.matches.some((match) => match.path?.type !== "PathPrefix")) {
    violations.push({ path: where, message: "can only appear if all matches match a path prefix" });
  }
  return violations;
}

function validateHostname(path: string, hostname: string | undefined): readonly Violation[] {
  if (hostname === undefined) return [];
  if (isIP(hostname) !== 0) return [{ path, message: "cannot be an IP address" }];
  return validateResourceName(hostname, path);
}

function validateBackendHostname(path: string, rewrite: RouteFilter["urlRewrite"], onGateway: boolean): readonly Violation[] {
  if (!rewrite?.hostToBackendHostname) return [];
  const violations: Violation[] = onGateway ? [] : [{ path, message: "can only be set with MeshGateway" }];
  return rewrite.hostname === undefined ? violations : [...violations, { path, message: "cannot be set together with hostname" }];
}

function validateMirror(path: string, mirror: RouteFilter["requestMirror"]): readonly Violation[] {
  if (!mirror) return [];
  const kinds = ["MeshService", "MeshServiceSubset"] as const;
  return [
    ...validatePercentage(`${path}.percentage`, mirror.percentage),
    ...validateTargetRef(`${path}.backendRef`, mirror.backendRef, { kinds }),
  ];
}

function validateBackends(path: string, rule: RouteRule, onGateway: boolean): readonly Violation[] {
  const refs = rule.default.backendRefs ?? [];
  const redirects = (rule.default.filters ?? []).some(({ type }) => type === "RequestRedirect");
  if (refs.length === 0) return onGateway && !redirects ? [{ path, message: "must not be empty" }] : [];
  return validateBackendRefs(path, refs);
}
