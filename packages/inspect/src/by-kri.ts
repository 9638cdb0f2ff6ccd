import type { DataplaneSpec, KindDefinition, Resource } from "@meridian/model";
import { type Conf, confOfItem, mergeItemConfs, namesResource, orderToItems, type ToItem } from "@meridian/policies";
import type { MeshInventory } from "./inventory.ts";
import { distinct, kriOf } from "./meta.ts";
import { proxyReader } from "./proxy.ts";
import { singleRule } from "./rules.ts";
import { inboundRules } from "./rules-inbound.ts";
import { targetRefPolicies } from "./selected.ts";
import { type Item, itemsFor, type Policy } from "./to-policies.ts";

type Dataplane = Resource<DataplaneSpec>;

/** `GET …/dataplanes/{name}/_policies`: what the kinds for the whole proxy want of it (reference: rest-api.md section 4). */
export function proxyPolicies(inventory: MeshInventory, dataplane: Dataplane): object {
  const proxy = proxyReader(inventory)(dataplane);
  const policies = targetRefPolicies.flatMap((kind) => {
    const single = singleRule(inventory.list<Policy["spec"]>(kind.kind).filter(proxy.selectedBy), kind);
    return single ? [{ kind: kind.kind, conf: single.conf, origins: origins(single.origin) }] : [];
  });
  return { policies };
}

/** `…/_inbounds/{kri}/_policies`; undefined where the data plane has no such inbound. */
export function inboundPolicies(inventory: MeshInventory, dataplane: Dataplane, inboundKri: string): object | undefined {
  const proxy = proxyReader(inventory)(dataplane);
  const inbound = proxy.inbounds.find(({ section }) => kriOf(dataplane, section) === inboundKri);
  if (!inbound) return undefined;
  const policies = targetRefPolicies
    .filter(({ policy }) => policy?.hasRules)
    .flatMap((kind) => {
      const selected = inventory.list<Policy["spec"]>(kind.kind).filter((policy) => proxy.inboundSelectedBy(policy, inbound));
      const rules = inboundRules(selected, kind.policy?.isFromAsRules ?? false);
      if (rules.length === 0) return [];
      const all = rules.flatMap(({ origin }) => origin.map(({ policy }) => policy));
      return [
        { kind: kind.kind, rules: rules.map((rule) => ({ ...ruleKri(rule.origin), conf: rule.conf })), origins: origins(all) },
      ];
    });
  return { policies };
}

/** `…/_outbounds/{kri}/_policies`; undefined where the data plane has no such outbound. */
export function outboundPolicies(inventory: MeshInventory, dataplane: Dataplane, outboundKri: string): object | undefined {
  const found = findOutbound(inventory, dataplane, outboundKri);
  if (!found) return undefined;
  return { policies: outboundKinds((name) => !isRoute(name)).flatMap((kind) => policyAnswer(kind, found.itemsOf(kind.kind))) };
}

/** `…/_outbounds/{kri}/_routes`. */
export function outboundRoutes(inventory: MeshInventory, dataplane: Dataplane, outboundKri: string): object | undefined {
  const found = findOutbound(inventory, dataplane, outboundKri);
  if (!found) return undefined;
  const routes = outboundKinds(isRoute).flatMap(({ kind }) => {
    const items = found.itemsOf(kind);
    const rules = routeRules(items);
    return rules.length === 0 ? [] : [{ kind, rules, origins: origins(items.map(({ policy }) => policy)) }];
  });
  return { routes };
}

/**
 * `…/_outbounds/{kri}/_routes/{routeKri}/_policies`: entries for the route take the place of those for its service, and what is for
 * the mesh holds for both (reference: policies-envoy.md 2.2). Undefined where there is no such outbound or route.
 */
export function routePolicies(
  inventory: MeshInventory,
  dataplane: Dataplane,
  at: { readonly outboundKri: string; readonly routeKri: string },
): object | undefined {
  const found = findOutbound(inventory, dataplane, at.outboundKri);
  const routes = outboundKinds(isRoute).flatMap(({ kind }) => found?.itemsOf(kind).map(({ policy }) => policy) ?? []);
  const route = routes.find((policy) => kriOf(policy) === at.routeKri);
  if (!found || !route) return undefined;
  const policies = outboundKinds((name) => !isRoute(name)).flatMap((kind) => {
    const named = found.allItemsOf(kind.kind).filter(({ ref }) => ref.kind === "Mesh" || namesResource(ref, route));
    const isNamed = named.some(({ ref }) => ref.kind !== "Mesh");
    return policyAnswer(kind, isNamed ? named : found.itemsOf(kind.kind));
  });
  return { policies };
}

interface FoundOutbound {
  /** Entries of a kind for the outbound, weakest first. */
  readonly itemsOf: (kind: string) => readonly ToItem<Item>[];
  /** Also those for other destinations. */
  readonly allItemsOf: (kind: string) => readonly ToItem<Item>[];
}

function findOutbound(inventory: MeshInventory, dataplane: Dataplane, outboundKri: string): FoundOutbound | undefined {
  const proxy = proxyReader(inventory)(dataplane);
  const outbound = proxy.outbounds.find(({ service }) => service?.kri === outboundKri);
  if (!outbound) return undefined;
  const selected = (kind: string) => inventory.list<Policy["spec"]>(kind).filter(proxy.selectedBy);
  return {
    itemsOf: (kind) => itemsFor(selected(kind), outbound.destination),
    allItemsOf: (kind) => orderToItems<Item>(selected(kind)),
  };
}

function outboundKinds(isWanted: (kind: string) => boolean): readonly KindDefinition[] {
  return targetRefPolicies.filter(({ kind, policy }) => policy?.hasTo && isWanted(kind));
}

function isRoute(kind: string): boolean {
  return kind === "MeshHTTPRoute" || kind === "MeshTCPRoute";
}

function policyAnswer({ kind }: KindDefinition, items: readonly ToItem<Item>[]): readonly object[] {
  const conf = mergeItemConfs(items.map(({ item }) => confOfItem(item)));
  return conf ? [{ kind, conf, origins: origins(items.map(({ policy }) => policy)) }] : [];
}

interface RouteRule {
  readonly matches?: readonly unknown[];
  readonly default?: Conf;
}

/** Each with the route that has the last word on it. */
function routeRules(items: readonly ToItem<Item>[]): readonly object[] {
  const { rules = [] } = (mergeItemConfs(items.map(({ item }) => confOfItem(item))) ?? {}) as {
    readonly rules?: readonly RouteRule[];
  };
  return rules.map(({ matches = [], default: conf = {} }) => {
    const text = JSON.stringify(matches);
    const owner = items.findLast(({ item }) => rulesOf(item).some((rule) => JSON.stringify(rule.matches ?? []) === text));
    return { kri: owner ? kriOf(owner.policy) : "", matches, conf };
  });
}

function rulesOf(item: Item): readonly RouteRule[] {
  return (confOfItem(item) as { readonly rules?: readonly RouteRule[] }).rules ?? [];
}

function ruleKri(origin: readonly { readonly policy: Resource }[]): { readonly kri?: string } {
  const [only, ...others] = distinct(origin.map(({ policy }) => policy));
  return only && others.length === 0 ? { kri: kriOf(only) } : {};
}

function origins(policies: readonly Resource[]): readonly { readonly kri: string }[] {
  return distinct(policies).map((policy) => ({ kri: kriOf(policy) }));
}
