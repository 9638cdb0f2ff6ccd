import { compareText, keyText, type Resource, type Tags } from "@meridian/model";
import type { OutboundPlanInput } from "../core/inputs.ts";
import { compareMatches } from "../core/listeners/request-match.ts";
import { orderToItems } from "../core/policy-order.ts";
import { isHttpFamily } from "../core/protocol.ts";
import { catchAllEntry, distinctDestinations, distinctTagSets, ownDestination } from "../core/route.ts";
import { selectsProxy } from "../core/target-ref.ts";
import type { RouteEntry, RoutePlan } from "../core/types.ts";
import { backendTags, leadsTo, resolveRefs } from "./backends.ts";
import { isCatchAll } from "./match.ts";
import { mergeRuleLists, notesOfRule, ownedRule, type ResolvedRule, routeName, ruleEntries } from "./rules.ts";
import type { MeshHttpRouteSpec } from "./schema.ts";

/** The merged rules of all MeshHTTPRoutes that select the proxy and name the outbound's service. */
export function planByMeshHttpRoute(input: OutboundPlanInput): RoutePlan | undefined {
  const { subject, outbound } = input;
  if (!isHttpFamily(outbound.protocol)) return undefined;
  const policies = (input.policiesOf("MeshHTTPRoute") as readonly Resource<MeshHttpRouteSpec>[]).filter((policy) =>
    selectsProxy(policy, subject),
  );
  const items = orderToItems(policies).filter(({ ref }) => leadsTo(ref, outbound));
  if (items.length === 0) return undefined;
  const rules = mergeRuleLists(items.map(({ item, policy }) => item.rules.map((rule) => ownedRule(rule, policy)))).map(
    (rule) => ({
      ...rule,
      backends: resolveRefs(rule.default.backendRefs, input, "http"),
    }),
  );
  const idle = distinctDestinations(rules.flatMap(({ backends }) => backends.idle));
  const notes = rules.flatMap((rule) => notesOfRule(rule, input));
  return {
    entries: routeEntries(rules, input),
    ...(idle.length > 0 && { idle }),
    cluster: {},
    origins: [...new Set(items.map(({ policy }) => keyText(policy)))].sort(compareText),
    ...(notes.length > 0 && { notes }),
  };
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

/**
 * Most specific match first; a rule whose backends are all out of use is left out, so that its requests fall to the next route.
 * What no rule takes goes where the outbound leads.
 */
function routeEntries(rules: readonly ResolvedRule[], input: OutboundPlanInput): readonly RouteEntry[] {
  const matched = rules
    .flatMap((rule) => rule.matches.map((match) => ({ rule, match })))
    .sort((a, b) => compareMatches(a.match, b.match))
    .map(({ rule, match }) => ({ match, entries: ruleEntries(rule, match, { ...input, name: nameOf(rule, input) }) }))
    .filter(({ entries }) => entries.length > 0);
  const entries = matched.flatMap((route) => route.entries);
  if (matched.some(({ match }) => isCatchAll(match))) return entries;
  return [...entries, catchAllEntry([{ weight: 1, ...ownDestination(input.outbound) }])];
}

/** Users of the peer find routes of a real service by the KRI of their policy. */
function nameOf(rule: ResolvedRule, { outbound }: OutboundPlanInput): string {
  return outbound.resource ? rule.kri : routeName(rule.matches);
}
