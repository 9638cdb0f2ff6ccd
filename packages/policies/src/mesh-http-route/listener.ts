import { compareText, keyText, type Resource } from "@meridian/model";
import { anywhere, isHttpListener } from "../core/listeners/anywhere.ts";
import { hostPattern } from "../core/listeners/host-names.ts";
import type { HostedRule, ListenerPlan, ListenerPlanInput } from "../core/listeners/types.ts";
import type { PolicyNote } from "../core/policy-note.ts";
import { orderToItems, type ToItem } from "../core/policy-order.ts";
import { distinctDestinations } from "../core/route.ts";
import { selectsProxy } from "../core/target-ref.ts";
import { type BackendInput, type ResolvedRefs, resolveRefs } from "./backends.ts";
import { brokenExpression } from "./match.ts";
import { mergeRuleLists, notesOfRule, type OwnedRule, ownedRule, type ResolvedRule, routeName, ruleEntries } from "./rules.ts";
import type { MeshHttpRouteSpec, RouteTo } from "./schema.ts";

/** The rules of all MeshHTTPRoutes whose target is the gateway: merged for each host name by itself (policies-envoy.md 2.5). */
export function planListenerByMeshHttpRoute(input: ListenerPlanInput): ListenerPlan | undefined {
  if (!isHttpListener(input.listener)) return undefined;
  const policies = (input.policiesOf("MeshHTTPRoute") as readonly Resource<MeshHttpRouteSpec>[]).filter((policy) =>
    selectsProxy(policy, input.subject),
  );
  const items = orderToItems<RouteTo>(policies).filter(({ ref }) => ref.kind === "Mesh");
  if (items.length === 0) return undefined;
  const groups = [...byHostname(items)].map(([hostname, lists]) => ({ hostname, rules: mergeRuleLists(lists) }));
  return listenerPlan(groups, input, [...new Set(items.map(({ policy }) => keyText(policy)))].sort(compareText));
}

/** Rules for one pattern of hosts; undefined: for all hosts of the listener. */
interface RuleGroup {
  readonly hostname: string | undefined;
  readonly rules: readonly OwnedRule[];
}

/** What rules come to whose backends may be anywhere. @param origins `keyText` of their policies, sorted. */
export function listenerPlan(
  groups: readonly RuleGroup[],
  { backendOf }: Pick<ListenerPlanInput, "backendOf">,
  origins: readonly string[],
): ListenerPlan {
  const input: BackendInput = { outbound: anywhere, backendOf };
  const resolved = groups.map(({ hostname, rules }) => ({ hostname, rules: rules.map((rule) => resolvedRule(rule, input)) }));
  const all = resolved.flatMap(({ rules }) => rules);
  return {
    rules: resolved.flatMap(({ hostname, rules }) => rules.flatMap((rule) => hostedRules(rule, hostname, input))),
    connections: [],
    idle: distinctDestinations(all.flatMap(({ backends }) => backends.idle)),
    origins,
    notes: all.flatMap((rule) => [...notesOfRule(rule, input), ...brokenMatches(rule)]),
  };
}

function resolvedRule(rule: OwnedRule, input: BackendInput): ResolvedRule {
  return { ...rule, backends: resolvedBackends(rule, input) };
}

/** Nothing stands behind a listener by itself. */
function resolvedBackends({ default: { backendRefs = [] } }: OwnedRule, input: BackendInput): ResolvedRefs {
  return backendRefs.length === 0 ? { destinations: [], idle: [], problems: [] } : resolveRefs(backendRefs, input, "http");
}

function hostedRules(rule: ResolvedRule, hostname: string | undefined, input: BackendInput): readonly HostedRule[] {
  const name = routeName(rule.matches);
  return rule.matches
    .filter((match) => brokenExpression(match) === undefined)
    .map((match) => ({
      match,
      entries: ruleEntries(rule, match, { ...input, name }),
      ...(hostname !== undefined && { hostname }),
    }))
    .filter(({ entries }) => entries.length > 0);
}

/** One would cost the gateway all other routes of the listener. */
function brokenMatches({ matches, backendPolicy }: OwnedRule): readonly PolicyNote[] {
  const broken = matches.map(brokenExpression).filter((text) => text !== undefined);
  return broken.map((text) => ({ policy: backendPolicy, message: `${text} is no RE2 expression: its match is left out` }));
}

function byHostname(items: readonly ToItem<RouteTo>[]): ReadonlyMap<string | undefined, readonly (readonly OwnedRule[])[]> {
  const groups = new Map<string | undefined, (readonly OwnedRule[])[]>();
  for (const { item, policy } of items) {
    const rules = item.rules.map((rule) => ownedRule(rule, policy));
    const hostnames = item.hostnames?.length ? item.hostnames.map(hostPattern) : [undefined];
    for (const hostname of new Set(hostnames)) groups.set(hostname, [...(groups.get(hostname) ?? []), rules]);
  }
  return groups;
}
