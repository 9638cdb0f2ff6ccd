import { httpRouteName } from "@meridian/envoy";
import { compareText, type Resource, type Tags, type TargetRef, tagNames } from "@meridian/model";
import {
  type Conf,
  confOfItem,
  fitsTags,
  mergeItemConfs,
  namesResource,
  orderToItems,
  refTags,
  type ToItem,
  topLevelRef,
} from "@meridian/policies";
import type { MeshInventory } from "./inventory.ts";
import { distinct } from "./meta.ts";
import { portsOf, serviceResources } from "./service-index.ts";
import { type Item, indexOfItem, type Policy } from "./to-policies.ts";

/** What is wanted of traffic to a set of services, told by tags. */
export interface ToRule {
  readonly tags: Tags;
  readonly conf: Conf;
  /** Weakest first. */
  readonly origin: readonly Resource[];
}

/** What is wanted of traffic to one resource, or to one of its ports. */
export interface ToResourceRule {
  readonly resource: Resource;
  readonly section?: string;
  readonly conf: Conf;
  readonly origin: readonly { readonly policy: Resource; readonly index: number }[];
}

/** A set of matches of routes, by the hash that names it. */
export interface HttpMatch {
  readonly hash: string;
  readonly match: readonly unknown[];
}

/** Stands beside the tags of a destination for the requests of one rule of a route. */
const matchesHashKey = "__rule-matches-hash__";

/**
 * One rule for each distinct set of tags that entries name, merged from every entry whose tags contain it; the most specific first
 * (reference: policies-envoy.md 2.3). The policies select the proxy.
 */
export function toRules(policies: readonly Policy[], routes: readonly Policy[]): readonly ToRule[] {
  const items = orderToItems<Item>(policies).flatMap((item) => tagSetsOf(item, routes).map((tags) => ({ ...item, tags })));
  const subsets = new Map(items.map(({ tags }) => [tagsText(tags), tags]));
  return [...subsets.values()]
    .map((tags) => {
      const merged = items.filter((item) => fitsTags(item.tags, tags));
      return {
        tags,
        conf: mergeItemConfs(merged.map(({ item }) => confOfItem(item))) ?? {},
        origin: distinct(merged.map(({ policy }) => policy)),
      };
    })
    .sort((a, b) => Object.keys(b.tags).length - Object.keys(a.tags).length || compareText(tagsText(a.tags), tagsText(b.tags)));
}

/** The matches of the routes that policies name as their target, with the hash by which `toRules` tells them. */
export function httpMatches(policies: readonly Policy[], routes: readonly Policy[]): readonly HttpMatch[] {
  const named = policies.flatMap((policy) => routeRules(policy, routes).map(({ matches }) => matches));
  const byHash = new Map(named.map((match) => [hashOf(match), match]));
  return [...byHash].map(([hash, match]) => ({ hash, match })).sort((a, b) => compareText(a.hash, b.hash));
}

/** Rules by resource: for each one that an entry names, and for the mesh. Policies on routes are `toRules` only. */
export function toResourceRules(inventory: MeshInventory, policies: readonly Policy[]): readonly ToResourceRule[] {
  const general = policies.filter(({ spec }) => topLevelRef(spec).kind !== "MeshHTTPRoute");
  const items = orderToItems<Item>(general);
  const forMesh = items.filter(({ ref }) => ref.kind === "Mesh");
  const resources = [...serviceResources(inventory), ...inventory.list("MeshHTTPRoute")];
  const refs = items.filter(({ ref }) => ref.kind !== "Mesh").map(({ ref }) => ref);
  const rules = resources.flatMap((resource): readonly ToResourceRule[] => {
    const naming = refs.filter((ref) => namesResource(ref, resource));
    if (naming.length === 0) return [];
    const sections = portsOf(resource).filter(({ section }) =>
      naming.some((ref) => ref.sectionName !== undefined && namesResource(ref, resource, section)),
    );
    const isWhole = naming.some(({ sectionName }) => sectionName === undefined);
    return [
      ...(isWhole
        ? [
            resourceRule(
              resource,
              items.filter(({ ref }) => ref.kind === "Mesh" || isWholeOf(ref, resource)),
            ),
          ]
        : []),
      ...sections.map(({ section }) => ({
        ...resourceRule(
          resource,
          items.filter(({ ref }) => ref.kind === "Mesh" || namesResource(ref, resource, section)),
        ),
        section,
      })),
    ];
  });
  return [...rules, ...(forMesh.length > 0 ? [resourceRule(inventory.mesh, forMesh)] : [])];
}

function isWholeOf(ref: TargetRef, resource: Resource): boolean {
  return ref.sectionName === undefined && namesResource(ref, resource);
}

function resourceRule(resource: Resource, items: readonly ToItem<Item>[]): ToResourceRule {
  return {
    resource,
    conf: mergeItemConfs(items.map(({ item }) => confOfItem(item))) ?? {},
    origin: items.map((item) => ({ policy: item.policy, index: indexOfItem(item) })),
  };
}

/** The sets of tags that an entry is for: one, or one for each rule of the route that its policy targets. */
function tagSetsOf({ policy, ref }: ToItem<Item>, routes: readonly Policy[]): readonly Tags[] {
  const tags = ref.kind === "Mesh" ? {} : refTags(ref);
  if (!tags) return [];
  if (topLevelRef(policy.spec as Policy["spec"]).kind !== "MeshHTTPRoute") return [tags];
  return routeRules(policy as Policy, routes).map(({ service, matches }) => ({
    ...tags,
    [matchesHashKey]: hashOf(matches),
    [tagNames.service]: service,
  }));
}

/** Every rule of the routes that are the policy's target, by service. */
function routeRules(policy: Policy, routes: readonly Policy[]) {
  const target = topLevelRef(policy.spec);
  if (target.kind !== "MeshHTTPRoute") return [];
  return routes
    .filter((route) => route.mesh === policy.mesh && namesResource(target, route))
    .flatMap(
      ({ spec }) =>
        (spec.to ?? []) as readonly (Item & { readonly rules?: readonly { readonly matches?: readonly unknown[] }[] })[],
    )
    .flatMap(({ targetRef, rules = [] }) => {
      const service = refTags(targetRef)?.[tagNames.service];
      return service === undefined ? [] : rules.map(({ matches = [] }) => ({ service, matches }));
    });
}

function hashOf(matches: readonly unknown[]): string {
  return httpRouteName(matches as Parameters<typeof httpRouteName>[0]);
}

function tagsText(tags: Tags): string {
  return JSON.stringify(Object.entries(tags).sort(([a], [b]) => compareText(a, b)));
}
