import { serviceSpiffeId, tagUri } from "@meridian/envoy";
import { type Tags, tagNames } from "@meridian/model";
import type { Json } from "./json.ts";
import { allOf, anyOf, fitsString, not } from "./strings.ts";

/** Who asks: the URI names in its certificate, in the order in which Envoy joins them. */
export interface ClientIdentity {
  readonly uris: readonly string[];
  /** The server name that it asks for; absent: not known here. */
  readonly sni?: string;
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

/** What Envoy's RBAC filter decides about a client. */
export interface Judgement {
  /** Undefined where it depends on more than who asks (a path) or on a rule that is not understood: then nothing may be claimed. */
  readonly isAllowed: boolean | undefined;
  /** Name of the rule that decided, as the filter's config has it; absent: none fits. */
  readonly rule?: string;
}

/** Whether Envoy's RBAC filter would let the client in. Source: envoy.config.rbac.v3.RBAC. */
export function isAllowed(rbac: Json, client: ClientIdentity): boolean | undefined {
  return judge(rbac, client).isAllowed;
}

/** As `isAllowed`, with the rule. */
export function judge(rbac: Json, client: ClientIdentity): Judgement {
  return decide(rbac["matcher"], rbac["rules"], client) ?? { isAllowed: true };
}

/** What the shadow rules, which only count, say; undefined: there are none. */
export function judgeShadow(rbac: Json, client: ClientIdentity): Judgement | undefined {
  return decide(rbac["shadowMatcher"], rbac["shadowRules"], client);
}

function decide(matcher: unknown, rules: unknown, client: ClientIdentity): Judgement | undefined {
  if (matcher !== undefined) return byMatcher(matcher as Json, client);
  return rules === undefined ? undefined : byRules(rules as Json, client);
}

function byRules({ action = "ALLOW", policies = {} }: Json, client: ClientIdentity): Judgement {
  if (action !== "ALLOW" && action !== "DENY") return { isAllowed: undefined };
  const fits = Object.entries(policies as Record<string, Json>).map(
    ([name, policy]) => [name, fitsPolicy(policy, client)] as const,
  );
  const matched = anyOf(fits.map(([, fit]) => fit));
  const rule = fits.find(([, fit]) => fit === true)?.[0];
  return {
    isAllowed: matched === undefined ? undefined : matched === (action === "ALLOW"),
    ...(rule !== undefined && { rule }),
  };
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
function byMatcher({ matcherList, onNoMatch }: Json, client: ClientIdentity): Judgement {
  const matchers = (matcherList as { readonly matchers?: readonly Json[] } | undefined)?.matchers ?? [];
  for (const { predicate, onMatch } of matchers) {
    const fits = fitsPredicate(predicate as Json, client);
    if (fits === undefined) return { isAllowed: undefined };
    if (fits) return actionOf(onMatch, true);
  }
  return actionOf(onNoMatch, false);
}

/** ALLOW is the default of envoy.config.rbac.v3.Action. */
function actionOf(on: unknown, isRule: boolean): Judgement {
  const action = (on as { readonly action?: { readonly typedConfig?: Json } } | undefined)?.action?.typedConfig;
  if (!action) return { isAllowed: undefined };
  return { isAllowed: (action["action"] ?? "ALLOW") === "ALLOW", ...(isRule && { rule: String(action["name"]) }) };
}

/** Envoy `Matcher.MatcherList.Predicate`, on what is known of a client. */
export function fitsPredicate(predicate: Json, client: ClientIdentity): boolean | undefined {
  const { singlePredicate, orMatcher, andMatcher, notMatcher } = predicate;
  if (orMatcher) return anyOf(predicatesOf(orMatcher).map((each) => fitsPredicate(each, client)));
  if (andMatcher) return allOf(predicatesOf(andMatcher).map((each) => fitsPredicate(each, client)));
  if (notMatcher) return not(fitsPredicate(notMatcher as Json, client));
  const { input, valueMatch } = Object(singlePredicate) as { readonly input?: Json; readonly valueMatch?: Json };
  const value = inputValue(input?.["name"], client);
  return value === undefined || !valueMatch ? undefined : fitsString(valueMatch, value);
}

function inputValue(input: unknown, { uris, sni }: ClientIdentity): string | undefined {
  if (input === "envoy.matching.inputs.uri_san") return uris.join(",");
  return input === "envoy.matching.inputs.server_name" ? sni : undefined;
}

function predicatesOf(list: unknown): readonly Json[] {
  return (list as { readonly predicate: readonly Json[] }).predicate;
}
