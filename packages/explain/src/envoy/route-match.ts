import { percentOf } from "./fraction.ts";
import { fieldAt, type Json, listOf } from "./json.ts";
import { allOf, fitsHeader, fitsQuery, fitsRegex } from "./strings.ts";

/** A request as Envoy's router sees it. */
export interface RoutedRequest {
  readonly method: string;
  /** With the query, as sent. */
  readonly path: string;
  /** `:authority`, without `:`-prefixed names among the headers. */
  readonly authority: string;
  /** By name in lower case; several values are joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface RouteChoice {
  readonly virtualHost: Json;
  readonly route: Json;
  /** Place in the virtual host, from 0. */
  readonly index: number;
  /** Routes before it that may take the request, too: whether they do depends on more than the request (a runtime fraction). */
  readonly uncertain: readonly Json[];
}

/** The route that Envoy takes: the first that fits of the virtual host that fits best (route_components.proto). */
export function chooseRoute(configuration: Json, request: RoutedRequest): RouteChoice | undefined {
  const virtualHost = chooseVirtualHost(listOf(configuration["virtualHosts"]), request.authority);
  if (!virtualHost) return undefined;
  const uncertain: Json[] = [];
  for (const [index, route] of listOf(virtualHost["routes"]).entries()) {
    const fits = fitsRoute((route["match"] ?? {}) as Json, request);
    if (fits === true) return { virtualHost, route, index, uncertain };
    if (fits === undefined) uncertain.push(route);
  }
  return undefined;
}

/** Exact, then the longest `*.suffix`, then the longest `prefix.*`, then `*` (VirtualHost.domains); case does not count. */
export function chooseVirtualHost(hosts: readonly Json[], authority: string): Json | undefined {
  const name = authority.toLowerCase();
  let best: { readonly host: Json; readonly rank: number } | undefined;
  for (const host of hosts) {
    for (const domain of (host["domains"] ?? []) as readonly string[]) {
      const rank = domainRank(domain.toLowerCase(), name);
      if (rank > (best?.rank ?? 0)) best = { host, rank };
    }
  }
  return best?.host;
}

const longestDomain = 1_000;

/** 0: does not fit. */
function domainRank(domain: string, name: string): number {
  if (domain === "*") return 1;
  if (domain === name) return 4 * longestDomain;
  const isWithin = name.length > domain.length - 1;
  if (domain.startsWith("*") && isWithin && name.endsWith(domain.slice(1))) return 2 * longestDomain + domain.length;
  if (domain.endsWith("*") && isWithin && name.startsWith(domain.slice(0, -1))) return longestDomain + domain.length;
  return 0;
}

/** Undefined: it depends on something that is not known here. */
export function fitsRoute(match: Json, { method, path, authority, headers }: RoutedRequest): boolean | undefined {
  const [beforeFragment = ""] = path.split("#");
  const [bare = "", ...query] = beforeFragment.split("?");
  const pseudo = new Map([
    [":method", method],
    [":path", path],
    [":authority", authority],
    [":scheme", "http"],
    ["host", authority],
  ]);
  const headerValue = (name: string): string | undefined => pseudo.get(name) ?? headers.get(name);
  return allOf([
    fitsPath(match, bare),
    ...listOf(match["headers"]).map((header) => fitsHeader(header, headerValue(String(header["name"]).toLowerCase()))),
    fitsQuery(match["queryParameters"], query.join("?")),
    match["grpc"] === undefined || /^application\/grpc($|\+)/.test(headers.get("content-type") ?? ""),
    fitsFraction(match["runtimeFraction"]),
    // Of connections, metadata, cookies and filter state nothing is known here.
    ["tlsContext", "dynamicMetadata", "filterState", "cookies"].some((field) => match[field] !== undefined) ? undefined : true,
  ]);
}

/** The path without its query. */
function fitsPath(match: Json, path: string): boolean | undefined {
  const { prefix, path: exact, pathSeparatedPrefix, safeRegex, connectMatcher, pathMatchPolicy } = match;
  const fold = (text: string): string => (match["caseSensitive"] === false ? text.toLowerCase() : text);
  if (typeof exact === "string") return fold(path) === fold(exact);
  if (typeof prefix === "string") return fold(path).startsWith(fold(prefix));
  if (typeof pathSeparatedPrefix === "string") {
    const wanted = fold(pathSeparatedPrefix);
    return fold(path) === wanted || fold(path).startsWith(`${wanted}/`);
  }
  if (safeRegex) return fitsRegex(safeRegex, path);
  return connectMatcher || pathMatchPolicy ? undefined : true;
}

/** Never, always, or by chance. */
function fitsFraction(fraction: unknown): boolean | undefined {
  if (fraction === undefined) return true;
  const percent = percentOf({ numerator: 0, ...Object(fieldAt(fraction, "defaultValue")) });
  if (percent === 0) return false;
  return percent !== undefined && percent >= 100 ? true : undefined;
}

/** What the connection manager makes of a path before routes see it (`normalizePath`, `mergeSlashes`). */
export function normalPath(manager: Json, path: string): string {
  const [, bare = "", rest = ""] = /^([^?#]*)(.*)$/s.exec(path) ?? [];
  const normal = manager["normalizePath"] === true ? withoutDots(decodeUnreserved(bare).replaceAll("\\", "/")) : bare;
  return `${manager["mergeSlashes"] === true ? normal.replace(/\/{2,}/g, "/") : normal}${rest}`;
}

/** RFC 3986 section 6.2.2.2. */
function decodeUnreserved(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (escaped, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return /[\w.~-]/.test(character) ? character : escaped;
  });
}

/** RFC 3986 section 5.2.4. */
function withoutDots(path: string): string {
  const kept: string[] = [];
  const parts = path.split("/").slice(1);
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    if (part === "..") kept.pop();
    if (part !== ".." && part !== ".") kept.push(part);
    else if (isLast) kept.push("");
  }
  return `/${kept.join("/")}`;
}
