import { type Tags, tagNames } from "@meridian/model";
import type { BackendRef } from "../core/fragments/backend-ref.ts";
import type { HeaderModifier } from "../core/fragments/header.ts";
import type { PathRewrite, RouteFilter, RouteMatch, RouteRule } from "../mesh-http-route/schema.ts";
import type { GatewayBackend, GatewayFilter, GatewayHttpRule, GatewayMatch } from "./schema.ts";

/** A rule in the words of MeshHTTPRoute: what both mean for Envoy is the same. Rewrites of several filters add up. */
export function asRouteRule({ matches, filters = [], backends = [] }: GatewayHttpRule): RouteRule {
  const urlRewrite: UrlRewrite = Object.assign({}, ...filters.map(rewriteOf));
  const rewrites: readonly RouteFilter[] = Object.keys(urlRewrite).length > 0 ? [{ type: "URLRewrite", urlRewrite }] : [];
  return {
    matches: matches.map(asMatch),
    default: { filters: [...filters.flatMap(asFilter), ...rewrites], backendRefs: asBackendRefs(backends) },
  };
}

type UrlRewrite = NonNullable<RouteFilter["urlRewrite"]>;

/** The host is a header for users, and a rewrite for Envoy. */
function rewriteOf({ requestHeader, rewrite }: GatewayFilter): UrlRewrite {
  const host = [...(requestHeader?.set ?? []), ...(requestHeader?.add ?? [])].find(({ name }) => isHost(name));
  return { ...(host && { hostname: host.value }), ...(rewrite && { ...asPath(rewrite), ...hostOf(rewrite) }) };
}

function isHost(name: string): boolean {
  return name === ":authority" || name.toLowerCase() === "host";
}

/** Whether Envoy lets a route change a header: it refuses a whole route config for any other (RFC 9110, field names). */
export function isChangeable(name: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !isHost(name);
}

/** A lone backend gets everything, whatever its weight. Without a weight it has none among others, as for the peer. */
export function asBackendRefs(backends: readonly GatewayBackend[]): readonly BackendRef[] {
  const isAlone = backends.length === 1;
  return backends.map(({ weight, destination }) => ({ ...asBackendRef(destination), weight: isAlone ? 1 : (weight ?? 1) }));
}

function asBackendRef(destination: Tags): BackendRef {
  const { [tagNames.service]: name = "", ...tags } = destination;
  return { kind: "MeshServiceSubset", name, tags };
}

const pathTypes = { EXACT: "Exact", PREFIX: "PathPrefix", REGEX: "RegularExpression" } as const;
const headerTypes = { EXACT: "Exact", REGEX: "RegularExpression", ABSENT: "Absent", PRESENT: "Present" } as const;

function asMatch({ path, method, headers = [], queryParameters = [] }: GatewayMatch): RouteMatch {
  return {
    ...(path && { path: { type: pathTypes[path.match ?? "EXACT"], value: path.value } }),
    ...(method && method !== "NONE" && { method }),
    ...(headers.length > 0 && {
      headers: headers.map(({ match = "EXACT", name, value }) => ({
        type: headerTypes[match],
        // Envoy has header names in lower case.
        name: name.toLowerCase(),
        ...(value !== undefined && { value }),
      })),
    }),
    ...(queryParameters.length > 0 && {
      queryParams: queryParameters.map(({ match, name, value }) => ({
        type: match === "REGEX" ? ("RegularExpression" as const) : ("Exact" as const),
        name,
        value,
      })),
    }),
  };
}

function asFilter({ requestHeader, responseHeader, mirror, redirect }: GatewayFilter): readonly RouteFilter[] {
  if (requestHeader) return [{ type: "RequestHeaderModifier", requestHeaderModifier: asModifier(requestHeader) }];
  if (responseHeader) return [{ type: "ResponseHeaderModifier", responseHeaderModifier: asModifier(responseHeader) }];
  if (mirror) {
    const { backend, percentage } = mirror;
    const requestMirror = { backendRef: asBackendRef(backend.destination), percentage: String(percentage) };
    return [{ type: "RequestMirror", requestMirror }];
  }
  return redirect ? asRedirect(redirect) : [];
}

type HeaderChanges = NonNullable<GatewayFilter["requestHeader"]>;

function asModifier({ set = [], add = [], remove = [] }: HeaderChanges): HeaderModifier {
  const changeable = ({ name }: { readonly name: string }) => isChangeable(name);
  return { set: set.filter(changeable), add: add.filter(changeable), remove: remove.filter(isChangeable) };
}

const statuses = [301, 302, 303, 307, 308] as const;

/** A status that is none of a redirect counts as 302: the writer was warned, and the peer has no config at all then. */
function asRedirect({
  scheme,
  hostname,
  port,
  statusCode,
  path,
}: NonNullable<GatewayFilter["redirect"]>): readonly RouteFilter[] {
  return [
    {
      type: "RequestRedirect",
      requestRedirect: {
        ...(scheme && { scheme: scheme as "http" | "https" }),
        ...(hostname && { hostname }),
        ...(port && { port }),
        statusCode: statuses.find((status) => status === statusCode) ?? 302,
        ...asPath(path),
      },
    },
  ];
}

type Rewrite = NonNullable<GatewayFilter["rewrite"]>;

function asPath(rewrite: Pick<Rewrite, "replaceFull" | "replacePrefixMatch"> = {}): { readonly path?: PathRewrite } {
  const { replaceFull, replacePrefixMatch } = rewrite;
  if (replaceFull !== undefined) return { path: { type: "ReplaceFullPath", replaceFullPath: replaceFull } };
  return replacePrefixMatch === undefined ? {} : { path: { type: "ReplacePrefixMatch", replacePrefixMatch } };
}

function hostOf({ hostToBackendHostname }: Rewrite): { readonly hostToBackendHostname?: true } {
  return hostToBackendHostname ? { hostToBackendHostname: true } : {};
}
