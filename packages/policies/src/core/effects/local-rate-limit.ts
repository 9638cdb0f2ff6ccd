import { durationFromMs, type Filter, type FilterChain, type Route, typed } from "@meridian/envoy";
import { type HeaderValue, headerOptions, type ProtoJson } from "../route.ts";
import { addHttpFilters, hasHttpFilter, insertBehindRbac, isHttpChain } from "./edit.ts";

/*
 * Limits that each proxy counts by itself, of either generation (reference: policies-envoy.md section 10). A limit of requests is a
 * filter that does nothing and a token bucket at each route; one of connections is a network filter.
 */

/** So many in each interval; the bucket starts full. */
export interface Rate {
  /** 1 or more, in 32 bits. */
  readonly count: number;
  /** 50 or more: Envoy refuses less. */
  readonly intervalMs: number;
}

export interface RequestLimit extends Rate {
  /** Of the answer to requests beyond the limit; absent: 429. */
  readonly status?: number;
  /** Envoy `HeaderValueOption`s of that answer. */
  readonly headers?: readonly ProtoJson[];
}

const shortestIntervalMs = 50;
const largestCount = 2 ** 32 - 1;

/** Nothing for what is no limit: no time, or a negative one. What is faster than Envoy counts is counted in several intervals at once. */
export function rateOf(count: number, intervalMs: number): Rate | undefined {
  if (!(intervalMs > 0) || !(count > 0)) return undefined;
  const times = Math.ceil(shortestIntervalMs / intervalMs);
  return { count: Math.min(largestCount, count * times), intervalMs: intervalMs * times };
}

/** Added values come beside what others have set, set ones replace it, also what was just added. */
export function limitHeaders(add: readonly HeaderValue[], set: readonly HeaderValue[]): readonly ProtoJson[] {
  return [...headerOptions([], add), ...headerOptions(set, [])];
}

const filterName = "envoy.filters.http.local_ratelimit";
const filterType = "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit";
const statPrefix = "rate_limit";

/** Statuses that Envoy can answer with (http_status.proto); it refuses a whole listener for any other. First and last of each run. */
const knownStatuses: readonly (readonly [first: number, last: number])[] = [
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 417],
  [421, 424],
  [426, 426],
  [428, 429],
  [431, 431],
  [500, 508],
  [510, 511],
];

export function canAnswer(status: number): boolean {
  return knownStatuses.some(([first, last]) => status >= first && status <= last);
}

/** What the status of a policy says when Envoy cannot answer with what it asks for. */
export function statusNote(status: number): string {
  return `onRateLimit.status: Envoy cannot answer with ${status}; clients beyond the limit get 429`;
}

export function hasRequestLimit(route: Route): boolean {
  return perFilter(route)[filterName] !== undefined;
}

/** The route with the limit; a limit that it has already stays. */
export function withRequestLimit(route: Route, limit: RequestLimit): Route {
  if (hasRequestLimit(route)) return route;
  return { ...route, typedPerFilterConfig: { ...perFilter(route), [filterName]: requestLimit(limit) } };
}

function perFilter(route: Route): ProtoJson {
  return (route["typedPerFilterConfig"] ?? {}) as ProtoJson;
}

function requestLimit({ status, headers = [], ...rate }: RequestLimit): ProtoJson {
  return typed(filterType, {
    statPrefix,
    ...(status !== undefined && canAnswer(status) && { status: { code: status } }),
    tokenBucket: tokenBucket(rate),
    filterEnabled: always("local_rate_limit_enabled"),
    filterEnforced: always("local_rate_limit_enforced"),
    ...(headers.length > 0 && { responseHeadersToAdd: headers }),
  });
}

function always(runtimeKey: string): ProtoJson {
  return { runtimeKey, defaultValue: { numerator: 100, denominator: "HUNDRED" } };
}

function tokenBucket({ count, intervalMs }: Rate): ProtoJson {
  return { maxTokens: count, tokensPerFill: count, fillInterval: durationFromMs(intervalMs) };
}

/** Without it in the chain, limits of routes do nothing. Once only. */
export function withRequestLimits(chain: FilterChain): FilterChain {
  if (!isHttpChain(chain) || hasHttpFilter(chain, filterName)) return chain;
  return addHttpFilters(chain, [{ name: filterName, typedConfig: typed(filterType, { statPrefix }) }]);
}

/** @param shareKey of all chains of one listener, so that they count together: by default each counts alone. */
export function withConnectionLimit(chain: FilterChain, rate: Rate, shareKey: string): FilterChain {
  const filter: Filter = {
    name: "envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit",
    typedConfig: typed("envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit", {
      statPrefix: "tcp_rate_limit",
      tokenBucket: tokenBucket(rate),
      shareKey,
    }),
  };
  return insertBehindRbac(chain, filter);
}
