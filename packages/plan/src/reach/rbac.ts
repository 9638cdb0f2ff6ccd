import { serviceSpiffeId, tagUri } from "@meridian/envoy";
import { type Tags, tagNames } from "@meridian/model";

type Json = Readonly<Record<string, unknown>>;

/** Who asks: the URI names in its certificate, in the order in which Envoy joins them. */
export interface ClientIdentity {
  readonly uris: readonly string[];
}

/** What a client's certificate names (reference: resources-legacy.md section 1): services first, then every tag. */
export function clientIdentity(mesh: string, tagSets: readonly Tags[]): ClientIdentity {
  const services = tagSets.map((tags) => tags[tagNames.service]).filter((service) => service !== undefined);
  const tags = tagSets.flatMap((set) => Object.entries(set));
  return {
    uris: [
      ...new Set([
        ...services.map((service) => serviceSpiffeId(mesh, service)),
        ...tags.map(([tag, value]) => tagUri(tag, value)),
      ]),
    ],
  };
}

/**
 * Whether Envoy's RBAC filter would let the client in. Undefined where that depends on more than who it is (a path, a server name)
 * or on a rule that is not understood here: then nothing may be claimed. Source: envoy.config.rbac.v3.RBAC.
 */
export function isAllowed(rbac: Json, client: ClientIdentity): boolean | undefined {
  const { matcher, rules } = rbac;
  if (matcher !== undefined) return byMatcher(matcher as Json, client);
  if (rules === undefined) return true;
  const { action = "ALLOW", policies = {} } = rules as Json;
  if (action !== "ALLOW" && action !== "DENY") return undefined;
  const matched = anyOf(Object.values(policies as Record<string, Json>).map((policy) => fitsPolicy(policy, client)));
  return matched === undefined ? undefined : matched === (action === "ALLOW");
}

function fitsPolicy({ permissions, principals }: Json, client: ClientIdentity): boolean | undefined {
  const fitsAll = (permissions as readonly Json[]).some((permission) => permission["any"] === true);
  return allOf([anyOf((principals as readonly Json[]).map((id) => fitsPrincipal(id, client))), fitsAll ? true : undefined]);
}

function fitsPrincipal(principal: Json, client: ClientIdentity): boolean | undefined {
  const { any, authenticated, andIds, orIds, notId } = principal;
  if (any === true) return true;
  if (andIds) return allOf(idsOf(andIds).map((id) => fitsPrincipal(id, client)));
  if (orIds) return anyOf(idsOf(orIds).map((id) => fitsPrincipal(id, client)));
  if (notId) return not(fitsPrincipal(notId as Json, client));
  if (!authenticated) return undefined;
  const { principalName } = authenticated as Json;
  return principalName === undefined ? true : anyOf(client.uris.map((uri) => fitsString(principalName as Json, uri)));
}

function idsOf(set: unknown): readonly Json[] {
  return (set as { readonly ids: readonly Json[] }).ids;
}

/** Envoy `xds.type.matcher.v3.Matcher`: the first that fits decides. */
function byMatcher({ matcherList, onNoMatch }: Json, client: ClientIdentity): boolean | undefined {
  const matchers = (matcherList as { readonly matchers?: readonly Json[] } | undefined)?.matchers ?? [];
  for (const { predicate, onMatch } of matchers) {
    const fits = fitsPredicate(predicate as Json, client);
    if (fits === undefined) return undefined;
    if (fits) return actionOf(onMatch);
  }
  return actionOf(onNoMatch);
}

/** ALLOW is the default of envoy.config.rbac.v3.Action. */
function actionOf(on: unknown): boolean | undefined {
  const action = (on as { readonly action?: { readonly typedConfig?: Json } } | undefined)?.action?.typedConfig;
  if (!action) return undefined;
  return (action["action"] ?? "ALLOW") === "ALLOW";
}

function fitsPredicate(predicate: Json, client: ClientIdentity): boolean | undefined {
  const { singlePredicate, orMatcher, andMatcher, notMatcher } = predicate;
  if (orMatcher) return anyOf(predicatesOf(orMatcher).map((each) => fitsPredicate(each, client)));
  if (andMatcher) return allOf(predicatesOf(andMatcher).map((each) => fitsPredicate(each, client)));
  if (notMatcher) return not(fitsPredicate(notMatcher as Json, client));
  const { input, valueMatch } = Object(singlePredicate) as { readonly input?: Json; readonly valueMatch?: Json };
  if (input?.["name"] !== "envoy.matching.inputs.uri_san" || !valueMatch) return undefined;
  return fitsString(valueMatch, client.uris.join(","));
}

function predicatesOf(list: unknown): readonly Json[] {
  return (list as { readonly predicate: readonly Json[] }).predicate;
}

/** Envoy `StringMatcher`; a regex has to fit the whole text. */
function fitsString({ exact, prefix, suffix, contains, safeRegex }: Json, text: string): boolean | undefined {
  if (typeof exact === "string") return text === exact;
  if (typeof prefix === "string") return text.startsWith(prefix);
  if (typeof suffix === "string") return text.endsWith(suffix);
  if (typeof contains === "string") return text.includes(contains);
  const regex = (safeRegex as { readonly regex?: string } | undefined)?.regex;
  if (regex === undefined) return undefined;
  try {
    return new RegExp(`^(?:${regex})$`, "s").test(text);
  } catch {
    // RE2 and JavaScript agree on what the generator writes; a regex of a user may be different.
    return undefined;
  }
}

/** Three-valued: true wins, then the unknown. */
function anyOf(values: readonly (boolean | undefined)[]): boolean | undefined {
  if (values.includes(true)) return true;
  return values.includes(undefined) ? undefined : false;
}

function allOf(values: readonly (boolean | undefined)[]): boolean | undefined {
  if (values.includes(false)) return false;
  return values.includes(undefined) ? undefined : true;
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}
