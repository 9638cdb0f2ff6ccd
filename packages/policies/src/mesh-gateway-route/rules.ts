import { type Tags, tagNames } from "@meridian/model";
import type { BackendRef } from "../core/fragments/backend-ref.ts";
import type { HeaderModifier } from "../core/fragments/header.ts";
import type { PathRewrite, RouteFilter, RouteMatch, RouteRule } from "../mesh-http-route/schema.ts";
import type { GatewayBackend, GatewayFilter, GatewayHttpRule, GatewayMatch } from "./schema.ts";

/** A rule in the words of MeshHTTPRoute: what both mean for Envoy is the same. */
export function asRouteRule({ matches, filters = [], backends = [] }: GatewayHttpRule): RouteRule {
  return {
    matches: matches.map(asMatch),
    default: { filters: filters.flatMap(asFilter), backendRefs: asBackendRefs(backends) },
  };
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

function asFilter({ requestHeader, responseHeader, mirror, redirect, rewrite }: GatewayFilter): readonly RouteFilter[] {
  if (requestHeader) return [{ type: "RequestHeaderModifier", requestHeaderModifier: asModifier(requestHeader) }];
  if (responseHeader) return [{ type: "ResponseHeaderModifier", responseHeaderModifier: asModifier(responseHeader) }];
  if (mirror) {
    const { backend, percentage } = mirror;
    const requestMirror = { backendRef: asBackendRef(backend.destination), percentage: String(percentage) };
    return [{ type: "RequestMirror", requestMirror }];
  }
  if (redirect) return asRedirect(redirect);
  return rewrite ? [{ type: "URLRewrite", urlRewrite: { ...asPath(rewrite), ...hostOf(rewrite) } }] : [];
}

type HeaderChanges = NonNullable<GatewayFilter["requestHeader"]>;

function asModifier({ set, add, remove }: HeaderChanges): HeaderModifier {
  return { ...(set && { set }), ...(add && { add }), ...(remove && { remove }) };
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
