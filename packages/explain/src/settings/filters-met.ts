import { configOf, fieldAt, type Json, listOf } from "../envoy/json.ts";
import { type ClientIdentity, fitsPredicate } from "../envoy/rbac.ts";
import type { RoutedRequest } from "../envoy/route-match.ts";
import { fitsHeader } from "../envoy/strings.ts";

/** Who sends a request, and what it is when it arrives. */
export interface Met {
  readonly request: RoutedRequest;
  readonly client: ClientIdentity;
}

/** A filter chain with those of its HTTP filters that act on the request. Where that cannot be told, they stay. */
export function filtersMet(chain: Json, met: Met): Json {
  const filters = listOf(chain["filters"]).map((filter) => {
    const manager = configOf(filter, ".HttpConnectionManager");
    if (!manager) return filter;
    const httpFilters = listOf(manager["httpFilters"]).flatMap((each) => meets(each, met) ?? []);
    return { ...filter, typedConfig: { ...manager, httpFilters } };
  });
  return { ...chain, filters };
}

function meets(filter: Json, met: Met): Json | undefined {
  const matched = configOf(filter, ".ExtensionWithMatcher");
  if (matched) return isSkipped(matched, met.client) ? undefined : meets(matched["extensionConfig"] as Json, met);
  const fault = configOf(filter, ".HTTPFault");
  if (!fault) return filter;
  const isForOthers = listOf(fault["headers"]).some((header) => {
    return fitsHeader(header, met.request.headers.get(String(header["name"]).toLowerCase())) === false;
  });
  // Its own name may be that of a policy; here it tells what it does.
  return isForOthers ? undefined : { ...filter, name: "envoy.filters.http.fault" };
}

/** The first matcher that fits says what happens; only skipping is used (extension_matcher.proto). */
function isSkipped(config: Json, client: ClientIdentity): boolean {
  return listOf(fieldAt(config, "xdsMatcher", "matcherList", "matchers")).some(({ predicate, onMatch }) => {
    const action = fieldAt(onMatch, "action", "typedConfig", "@type");
    return String(action).endsWith(".SkipFilter") && fitsPredicate(predicate as Json, client) === true;
  });
}

/** What a route, or something around it, adds to requests on their way to the server (`HeaderValueOption`s). */
export function headersAdded(...parts: readonly (Json | undefined)[]): Readonly<Record<string, string>> {
  const added: Record<string, string> = {};
  for (const option of parts.flatMap((part) => listOf(part?.["requestHeadersToAdd"]))) {
    const name = String(fieldAt(option, "header", "key") ?? "").toLowerCase();
    added[name] = String(fieldAt(option, "header", "value") ?? "");
  }
  return added;
}
