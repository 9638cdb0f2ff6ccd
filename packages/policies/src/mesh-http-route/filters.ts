import { fractionalPercent } from "../core/fractional-percent.ts";
import type { BackendRef } from "../core/fragments/backend-ref.ts";
import type { HeaderModifier } from "../core/fragments/header.ts";
import { headerOptions, noTimeout, type ProtoJson, regexSubstitution, unlessEmpty } from "../core/route.ts";
import type { MirrorDestination } from "../core/types.ts";
import type { ResolvedMirror } from "./backends.ts";
import type { PathForm } from "./match.ts";
import type { PathRewrite, RouteFilter } from "./schema.ts";

/** What the filters of a rule make of an Envoy `Route`: all but its match and its clusters. */
export interface FilteredRoute {
  readonly route: ProtoJson;
  /** Answers by itself: no destination is asked. */
  readonly redirects: boolean;
  readonly mirrors: readonly MirrorDestination[];
}

/** Header changes of several filters add up; of redirects and rewrites the last one counts. */
export function applyFilters(
  filters: readonly RouteFilter[],
  form: PathForm,
  mirrorTo: (ref: BackendRef) => ResolvedMirror,
): FilteredRoute {
  const redirect = filters.findLast(({ type }) => type === "RequestRedirect")?.requestRedirect;
  const rewrite = filters.findLast(({ type }) => type === "URLRewrite")?.urlRewrite;
  const action = redirect
    ? { redirect: redirectAction(redirect, form) }
    : {
        route: {
          ...noTimeout,
          ...(rewrite?.hostname && { hostRewriteLiteral: rewrite.hostname }),
          ...(rewrite?.hostToBackendHostname && { autoHostRewrite: true }),
          ...pathChange(rewrite?.path, form),
        },
      };
  return {
    route: {
      ...action,
      ...headerChanges("request", modifiersOf(filters, "requestHeaderModifier")),
      ...headerChanges("response", modifiersOf(filters, "responseHeaderModifier")),
    },
    redirects: redirect !== undefined,
    mirrors: redirect ? [] : filters.flatMap((filter) => mirrorOf(filter, mirrorTo)),
  };
}

function modifiersOf(filters: readonly RouteFilter[], field: "requestHeaderModifier" | "responseHeaderModifier") {
  const type = field === "requestHeaderModifier" ? "RequestHeaderModifier" : "ResponseHeaderModifier";
  return filters.filter((filter) => filter.type === type).map((filter) => filter[field] ?? {});
}

function headerChanges(side: "request" | "response", modifiers: readonly HeaderModifier[]): ProtoJson {
  const toAdd = modifiers.flatMap(({ set = [], add = [] }) => headerOptions(set, add));
  const toRemove = modifiers.flatMap(({ remove = [] }) => remove);
  return { ...unlessEmpty(`${side}HeadersToAdd`, toAdd), ...unlessEmpty(`${side}HeadersToRemove`, toRemove) };
}

const redirectCodes = {
  301: "MOVED_PERMANENTLY",
  302: "FOUND",
  303: "SEE_OTHER",
  307: "TEMPORARY_REDIRECT",
  308: "PERMANENT_REDIRECT",
} as const;

/** Envoy `RedirectAction`; what is absent stays as the request has it. */
function redirectAction(redirect: NonNullable<RouteFilter["requestRedirect"]>, form: PathForm): ProtoJson {
  return {
    ...(redirect.scheme && { schemeRedirect: redirect.scheme }),
    ...(redirect.hostname && { hostRedirect: redirect.hostname }),
    ...(redirect.port && { portRedirect: redirect.port }),
    ...pathChange(redirect.path, form),
    responseCode: redirectCodes[redirect.statusCode ?? 302],
  };
}

/**
 * A whole path is replaced by an expression that fits all of it, which leaves the query alone. For a prefix, Envoy's
 * `prefix_rewrite` needs the slash that the matched prefix ends with, or `/x/a` would become `//a` or `/ya`.
 */
function pathChange(change: PathRewrite | undefined, form: PathForm): ProtoJson {
  if (!change) return {};
  if (change.type === "ReplaceFullPath") return wholePath(change.replaceFullPath ?? "/");
  const prefix = (change.replacePrefixMatch ?? "").replace(/\/+$/, "");
  if (form === "belowPrefix") return { prefixRewrite: `${prefix}/` };
  return form === "prefixItself" ? wholePath(prefix || "/") : {};
}

/** A backslash in a substitution starts a group reference (RE2), so those of the user are doubled. */
function wholePath(path: string): ProtoJson {
  return { regexRewrite: regexSubstitution(".*", path.replaceAll("\\", "\\\\")) };
}

/** A mirror that is missing gets nothing, and costs the request nothing. */
function mirrorOf(filter: RouteFilter, mirrorTo: (ref: BackendRef) => ResolvedMirror): readonly MirrorDestination[] {
  const mirror = filter.type === "RequestMirror" ? filter.requestMirror : undefined;
  const found = mirror && mirrorTo(mirror.backendRef);
  if (!found || "problem" in found) return [];
  return [
    {
      ...found.destination,
      ...(mirror.percentage !== undefined && { runtimeFraction: { defaultValue: fractionalPercent(Number(mirror.percentage)) } }),
    },
  ];
}
