import { httpRouteName } from "@meridian/envoy";
import { canonicalJson, compareText, keyText, type Resource, type Tags } from "@meridian/model";
import type { PolicyNote } from "../core/effects/hooks.ts";
import type { OutboundPlanInput } from "../core/inputs.ts";
import { mergeConfs, mergeKeyedLists } from "../core/merge.ts";
import { policyKri } from "../core/policy-kri.ts";
import { orderToItems } from "../core/policy-order.ts";
import { isHttpFamily } from "../core/protocol.ts";
import { catchAllEntry, distinctDestinations, distinctTagSets, ownDestination } from "../core/route.ts";
import { selectsProxy } from "../core/target-ref.ts";
import type { RouteEntry, RoutePlan } from "../core/types.ts";
import { backendTags, leadsTo, missingNote, type ResolvedRefs, resolveMirror, resolveRefs } from "./backends.ts";
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
  const items = orderToItems(policies).filter(({ ref }) => leadsTo(ref, outbound));
  if (items.length === 0) return undefined;
  const rules = mergeKeyedLists(
    items.map(({ item, policy }) => item.rules.map((rule) => ownedRule(rule, policy))),
    ({ matches }) => canonicalJson(matches),
    mergeRules,
  ).map((rule) => ({ ...rule, backends: resolveRefs(rule.default.backendRefs, input, "http") }));
  const idle = distinctDestinations(rules.flatMap(({ backends }) => backends.idle));
  const notes = rules.flatMap((rule) => notesOf(rule, input));
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

/** A rule with the policies that it comes from, weakest first. */
interface OwnedRule extends RouteRule {
  readonly policies: readonly string[];
  /** The policy that has the last word about backends and filters. */
  readonly backendPolicy: string;
  /** KRI of the strongest policy. */
  readonly kri: string;
}

interface ResolvedRule extends OwnedRule {
  readonly backends: ResolvedRefs;
}

function ownedRule(rule: RouteRule, policy: Resource): OwnedRule {
  const key = keyText(policy);
  return { ...rule, policies: [key], backendPolicy: key, kri: policyKri("mhttpr", policy) };
}

/** Rules with equal matches become one; filters and backends are lists, so the strongest that has one replaces it. */
function mergeRules(rules: readonly OwnedRule[]): OwnedRule {
  const last = rules.at(-1) as OwnedRule;
  const naming = rules.findLast((rule) => rule.default.backendRefs) ?? last;
  return {
    ...last,
    default: mergeConfs(rules.map((rule) => rule.default)) ?? last.default,
    policies: rules.flatMap(({ policies }) => policies),
    backendPolicy: naming.backendPolicy,
  };
}

function notesOf({ backends, backendPolicy, default: conf }: ResolvedRule, input: OutboundPlanInput): readonly PolicyNote[] {
  const mirrors = (conf.filters ?? []).flatMap(({ requestMirror }) => (requestMirror ? [requestMirror.backendRef] : []));
  const lost = mirrors.map((ref) => resolveMirror(ref, input)).flatMap((mirror) => ("problem" in mirror ? [mirror.problem] : []));
  return [...backends.problems, ...lost].map((problem) => missingNote(backendPolicy, problem));
}

/**
 * Most specific match first; a rule whose backends are all out of use is left out, so that its requests fall to the next route.
 * What no rule takes goes where the outbound leads.
 */
function routeEntries(rules: readonly ResolvedRule[], input: OutboundPlanInput): readonly RouteEntry[] {
  const matched = rules
    .flatMap((rule) => rule.matches.map((match) => ({ rule, match })))
    .sort((a, b) => compareMatches(a.match, b.match))
    .map(({ rule, match }) => ({ match, entries: entriesOf(rule, match, input) }))
    .filter(({ entries }) => entries.length > 0);
  const entries = matched.flatMap((route) => route.entries);
  if (matched.some(({ match }) => isCatchAll(match))) return entries;
  return [...entries, catchAllEntry([{ weight: 1, ...ownDestination(input.outbound) }])];
}

function entriesOf(rule: ResolvedRule, match: RouteMatch, input: OutboundPlanInput): readonly RouteEntry[] {
  // Users of the peer find routes of a real service by the KRI of their policy.
  const name = input.outbound.resource ? rule.kri : routeName(rule.matches);
  const { destinations } = rule.backends;
  return envoyMatches(match).flatMap(({ form, match: envoyMatch }): readonly RouteEntry[] => {
    const { route, redirects, mirrors } = applyFilters(rule.default.filters ?? [], form, (ref) => resolveMirror(ref, input));
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
