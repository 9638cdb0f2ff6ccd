import { compareText } from "@meridian/model";
import { headerOptions, noTimeout, type ProtoJson, regexSubstitution, unlessEmpty } from "../core/route.ts";
import type { HeaderChanges, HttpRoute, Modify, StringMatch } from "./schema.ts";

/** The Envoy `Route` of one `conf.http` entry, without its clusters (reference: resources-legacy.md section 2, HTTP outbound). */
export function httpRoute(route: HttpRoute): ProtoJson {
  const { modify } = route;
  return {
    match: routeMatch(route.match),
    route: { ...noTimeout, ...pathRewrite(modify?.path), ...hostRewrite(modify?.host) },
    ...headerChanges("request", modify?.requestHeaders),
    ...headerChanges("response", modify?.responseHeaders),
  };
}

function routeMatch(match: HttpRoute["match"]): ProtoJson {
  const headers = Object.entries(match?.headers ?? {})
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, value]) => ({ name, stringMatch: stringMatch(value) }));
  const method = match?.method ? [{ name: ":method", stringMatch: stringMatch(match.method) }] : [];
  return { ...pathMatch(match?.path), ...unlessEmpty("headers", [...headers, ...method]) };
}

function pathMatch(match: StringMatch | undefined): ProtoJson {
  if (match?.exact !== undefined) return { path: match.exact };
  if (match?.regex !== undefined) return { safeRegex: { regex: match.regex } };
  return { prefix: match?.prefix ?? "/" };
}

/** `prefix_match` and its like are deprecated in Envoy's HeaderMatcher; `string_match` says the same. */
function stringMatch(match: StringMatch): ProtoJson {
  if (match.exact !== undefined) return { exact: match.exact };
  if (match.regex !== undefined) return { safeRegex: { regex: match.regex } };
  return { prefix: match.prefix ?? "" };
}

function pathRewrite(change: Modify["path"]): ProtoJson {
  if (change?.rewritePrefix) return { prefixRewrite: change.rewritePrefix };
  if (change?.regex) return { regexRewrite: regexSubstitution(change.regex.pattern ?? "", change.regex.substitution ?? "") };
  return {};
}

function hostRewrite(change: Modify["host"]): ProtoJson {
  if (change?.value) return { hostRewriteLiteral: change.value };
  if (!change?.fromPath) return {};
  return { hostRewritePathRegex: regexSubstitution(change.fromPath.pattern ?? "", change.fromPath.substitution ?? "") };
}

function headerChanges(side: "request" | "response", changes: HeaderChanges | undefined): ProtoJson {
  const added = (changes?.add ?? []).map(({ name = "", value = "", append }) => ({ name, value, append }));
  const toAdd = added.flatMap((header) => (header.append ? headerOptions([], [header]) : headerOptions([header], [])));
  const toRemove = (changes?.remove ?? []).map(({ name }) => name);
  return { ...unlessEmpty(`${side}HeadersToAdd`, toAdd), ...unlessEmpty(`${side}HeadersToRemove`, toRemove) };
}
