import { httpRouteName } from "@meridian/envoy";
import { canonicalJson, compareText, keyText, type Resource, type Tags, tagNames } from "@meridian/model";
import type { OutboundPlanInput, PolicyReach } from "../core/inputs.ts";
import { mergeConfs, mergeKeyedLists } from "../core/merge.ts";
import { orderToItems } from "../core/policy-order.ts";
import { isHttpFamily } from "../core/protocol.ts";
import { reachOf } from "../core/reach.ts";
import { catchAllEntry, distinctTagSets } from "../core/route.ts";
import { selectsProxy } from "../core/target-ref.ts";
import type { OutboundSubject, RouteEntry, RoutePlan } from "../core/types.ts";
import { backendTags, destinationsOf, idleTags } from "./backends.ts";
import { applyFilters } from "./filters.ts";
import { compareMatches, envoyMatches, isCatchAll } from "./match.ts";
import type { MeshHttpRouteSpec, RouteMatch, RouteRule } from "./schema.ts";

/** The merged rules of all MeshHTTPRoutes that select the proxy and name the outbound's service. */
export function planByMeshHttpRoute(input: OutboundPlanInput): RoutePlan | undefined {
  const { subject, outbound } = input;
  if (!isHttpFamily(outbound.protocol)) return undefined;
  const policies = (input.policiesOf("MeshHTTPRoute") as readonly Resource<MeshHttpRouteSpec>[]).filter((policy) =>
    selectsProxy(policy, subject),
  );
  const items = orderToItems(policies).filter(({ ref }) => backendTags(ref)?.[tagNames.service] === outbound.service);
  if (items.length === 0) return undefined;
  const rules = mergeKeyedLists(
    items.map(({ item, policy }) => item.rules.map((rule): OwnedRule => ({ ...rule, policies: [keyText(policy)] }))),
    ({ matches }) => canonicalJson(matches),
    mergeRules,
  );
  const idle = distinctTagSets(rules.flatMap((rule) => idleTags(rule.default.backendRefs)));
  return {
    entries: routeEntries(rules, outbound),
    ...(idle.length > 0 && { idle }),
    cluster: {},
    origins: [...new Set(items.map(({ policy }) => keyText(policy)))].sort(compareText),
  };
}

/** The services that `to` names; "any" for references that only a lookup could tell. */
export function meshHttpRouteReach(policy: Resource<MeshHttpRouteSpec>): PolicyReach {
  return reachOf((policy.spec.to ?? []).map(({ targetRef }) => backendTags(targetRef)?.[tagNames.service]));
}

/** Backends and mirrors, those of weight 0 included: the ingress has their filter chain ready before the weight goes up. */
export function meshHttpRouteDestinations(policy: Resource<MeshHttpRouteSpec>): readonly Tags[] {
  const confs = (policy.spec.to ?? []).flatMap(({ rules }) => rules.map((rule) => rule.default));
  const refs = confs.flatMap(({ backendRefs = [], filters = [] }) => [
    ...backendRefs,
    ...filters.flatMap(({ requestMirror }) => (requestMirror ? [requestMirror.backendRef] : [])),
  ]);
  return distinctTagSets(refs.map(backendTags).filter((tags) => tags !== undefined));
}

/** A rule with the policies that it comes from, weakest first. */
interface OwnedRule extends RouteRule {
  readonly policies: readonly string[];
}

/** Rules with equal matches become one; filters and backends are lists, so the strongest that has one replaces it. */
function mergeRules(rules: readonly OwnedRule[]): OwnedRule {
  const last = rules.at(-1) as OwnedRule;
  return {
    ...last,
    default: mergeConfs(rules.map((rule) => rule.default)) ?? last.default,
    policies: rules.flatMap(({ policies }) => policies),
  };
}

/**
 * Most specific match first; a rule whose backends are all out of use is left out, so that its requests fall to the next route.
 * What no rule takes goes where the outbound leads.
 */
function routeEntries(rules: readonly OwnedRule[], outbound: OutboundSubject): readonly RouteEntry[] {
  const matched = rules
    .flatMap((rule) => rule.matches.map((match) => ({ rule, match })))
    .sort((a, b) => compareMatches(a.match, b.match))
    .map(({ rule, match }) => ({ match, entries: entriesOf(rule, match, outbound) }))
    .filter(({ entries }) => entries.length > 0);
  const entries = matched.flatMap((route) => route.entries);
  if (matched.some(({ match }) => isCatchAll(match))) return entries;
  return [...entries, catchAllEntry(destinationsOf(undefined, outbound))];
}

function entriesOf(rule: OwnedRule, match: RouteMatch, outbound: OutboundSubject): readonly RouteEntry[] {
  const name = routeName(rule.matches);
  const destinations = destinationsOf(rule.default.backendRefs, outbound);
  return envoyMatches(match).flatMap(({ form, match: envoyMatch }): readonly RouteEntry[] => {
    const { route, redirects, mirrors } = applyFilters(rule.default.filters ?? [], form);
    if (!redirects && destinations.length === 0) return [];
    return [
      {
        route: { name, match: envoyMatch, ...route },
        destinations: redirects ? [] : destinations,
        ...(mirrors.length > 0 && { mirrors }),
        policies: rule.policies,
      },
    ];
  });
}

/** A header match without a type is hashed without one, as the peer does, so that names agree. */
function routeName(matches: readonly RouteMatch[]): string {
  return httpRouteName(matches as Parameters<typeof httpRouteName>[0]);
}
