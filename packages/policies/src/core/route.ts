import { defaultRouteMatches, httpRouteName } from "@meridian/envoy";
import { canonicalJson, compareText, type Tags } from "@meridian/model";
import type { OutboundSubject, RouteDestination, RouteEntry, WeightedDestination } from "./types.ts";

/** A piece of an Envoy message in proto JSON. */
export type ProtoJson = Readonly<Record<string, unknown>>;

/** Name of the route that takes what no other route takes; users of the peer know it as `9Zuf…`. */
const catchAllRouteName = httpRouteName(defaultRouteMatches);

/** Sends every request, or every connection, to the destinations. */
export function catchAllEntry(destinations: readonly WeightedDestination[]): RouteEntry {
  return { route: { name: catchAllRouteName, match: { prefix: "/" }, route: noTimeout }, destinations };
}

/** Envoy's own default of 15 s would apply otherwise; timeouts are for timeout policies to set (RouteAction.timeout). */
export const noTimeout = { timeout: "0s" } as const;

/**
 * Drops what gets no traffic and adds up equal tag sets, so that no cluster is listed twice. The order that
 * the user wrote stays.
 */
export function weightedDestinations(entries: readonly WeightedDestination[]): readonly WeightedDestination[] {
  const byTags = new Map<string, WeightedDestination>();
  for (const entry of entries) {
    if (entry.weight <= 0) continue;
    const key = tagsText(entry.tags);
    byTags.set(key, { ...entry, weight: entry.weight + (byTags.get(key)?.weight ?? 0) });
  }
  return [...byTags.values()];
}

/** Where an outbound leads by itself. */
export function ownDestination({ tags, backend }: OutboundSubject): RouteDestination {
  return { tags, ...(backend && { backend }) };
}

/** Each distinct destination once, in the order of their texts. */
export function distinctDestinations(destinations: readonly RouteDestination[]): readonly RouteDestination[] {
  const byText = new Map(destinations.map((destination) => [tagsText(destination.tags), destination]));
  return [...byText].sort(([a], [b]) => compareText(a, b)).map(([, destination]) => destination);
}

/** One text for equal tag sets. */
export function tagsText(tags: Tags): string {
  return canonicalJson(tags);
}

/** Each distinct tag set once, in the order of their texts. */
export function distinctTagSets(tagSets: readonly Tags[]): readonly Tags[] {
  const byText = new Map(tagSets.map((tags) => [tagsText(tags), tags]));
  return [...byText].sort(([a], [b]) => compareText(a, b)).map(([, tags]) => tags);
}

export interface HeaderValue {
  readonly name: string;
  readonly value: string;
}

/** Envoy `HeaderValueOption`s: `set` replaces a value that is there, `add` puts one beside it (policies-envoy.md 0.2). */
export function headerOptions(set: readonly HeaderValue[], add: readonly HeaderValue[]): readonly ProtoJson[] {
  return [
    ...set.map(({ name, value }) => ({ header: { key: name, value }, appendAction: "OVERWRITE_IF_EXISTS_OR_ADD" })),
    ...add.map(({ name, value }) => ({ header: { key: name, value }, appendAction: "APPEND_IF_EXISTS_OR_ADD" })),
  ];
}

/** Envoy `RegexMatchAndSubstitute`. */
export function regexSubstitution(pattern: string, substitution: string): ProtoJson {
  return { pattern: { regex: pattern }, substitution };
}

/** A field of an object under construction, left out when it would be empty. */
export function unlessEmpty<Key extends string>(key: Key, list: readonly unknown[]): Partial<Record<Key, readonly unknown[]>> {
  return list.length === 0 ? {} : ({ [key]: list } as Record<Key, readonly unknown[]>);
}
