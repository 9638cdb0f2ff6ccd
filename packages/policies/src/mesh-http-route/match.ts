import { headerMatcher } from "../core/fragments/header-matcher.ts";
import { isRe2 } from "../core/fragments/re2.ts";
import { matchesEveryPath } from "../core/listeners/request-match.ts";
import type { ProtoJson } from "../core/route.ts";
import { unlessEmpty } from "../core/route.ts";
import type { RouteMatch } from "./schema.ts";

/** Where a route stands after a prefix match was split in two: filters that replace the prefix differ between them. */
export type PathForm = "whole" | "prefixItself" | "belowPrefix";

export interface EnvoyMatch {
  readonly form: PathForm;
  readonly match: ProtoJson;
}

/**
 * Envoy `RouteMatch`es for one match. A prefix means whole path segments, which Envoy's `prefix` does not: `/x` becomes the path
 * `/x` and the prefix `/x/` (reference: policies-envoy.md section 3).
 */
export function envoyMatches(match: RouteMatch): readonly EnvoyMatch[] {
  const conditions = {
    ...unlessEmpty("headers", [...methodMatch(match.method), ...firstOfName(match.headers ?? []).map(headerMatcher)]),
    ...unlessEmpty("queryParameters", firstOfName(match.queryParams ?? []).map(queryParameterMatch)),
  };
  return pathMatches(match.path).map(({ form, match: path }) => ({ form, match: { ...path, ...conditions } }));
}

/** The first expression of a match that is none: Envoy would refuse a whole route config for it. */
export function brokenExpression({ path, headers = [], queryParams = [] }: RouteMatch): string | undefined {
  const written = [path, ...headers, ...queryParams].filter((each) => each?.type === "RegularExpression");
  return written.map((each) => each?.value ?? "").find((text) => !isRe2(text));
}

/** Whether a match takes every request. */
export function isCatchAll(match: RouteMatch): boolean {
  return matchesEveryPath(match) && !match.method && !match.headers?.length && !match.queryParams?.length;
}

function pathMatches(path: RouteMatch["path"]): readonly EnvoyMatch[] {
  if (!path) return [{ form: "belowPrefix", match: { prefix: "/" } }];
  if (path.type === "Exact") return [{ form: "whole", match: { path: path.value } }];
  if (path.type === "RegularExpression") return [{ form: "whole", match: { safeRegex: { regex: path.value } } }];
  const prefix = path.value.replace(/\/+$/, "");
  const below: EnvoyMatch = { form: "belowPrefix", match: { prefix: `${prefix}/` } };
  return prefix === "" ? [below] : [{ form: "prefixItself", match: { path: prefix } }, below];
}

function methodMatch(method: RouteMatch["method"]): readonly ProtoJson[] {
  return method ? [{ name: ":method", stringMatch: { exact: method } }] : [];
}

/** The first entry of each name counts, as the Gateway API says. */
function firstOfName<Entry extends { readonly name: string }>(entries: readonly Entry[]): readonly Entry[] {
  return entries.filter(({ name }, index) => entries.findIndex((other) => other.name === name) === index);
}

function queryParameterMatch({ type, name, value }: NonNullable<RouteMatch["queryParams"]>[number]): ProtoJson {
  return { name, stringMatch: type === "Exact" ? { exact: value } : { safeRegex: { regex: value } } };
}
