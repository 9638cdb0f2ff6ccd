import { listText, matchText, percent } from "@meridian/explain";
import { canonicalJson, type Tags } from "@meridian/model";
import type { RouteEntry, RoutePlan } from "@meridian/policies";
import { clientMark, namedDestination } from "./words.ts";

export type OutboundRoutes = RoutePlan | "cut";

export interface RouteDifference {
  /** What is counted: requests of HTTP, connections of anything else. */
  readonly unit: "requests" | "connections";
  /** Of the outbound. */
  readonly service: string;
  readonly before: OutboundRoutes;
  readonly after: OutboundRoutes;
  /** What people call real services (see `realNames`). */
  readonly names: Names;
}

type Names = ReadonlyMap<string, string>;

/**
 * Where requests go, in words: one line per share that differs, with `clientMark` for the clients. Empty where shares are as before;
 * what else differs in routes (rewrites, timeouts, headers) is told from the Envoy resource.
 */
export function routeLines({ unit, service, before, after, names }: RouteDifference): readonly string[] {
  const what = `${clientMark} ${unit}`;
  if (before === "cut" && after === "cut") return [];
  if (after === "cut") return [`${what} to ${service} get no further: the mesh has TrafficRoutes and none fits any more`];
  if (before === "cut") return [`${what} to ${service} get through again, to ${sharesText(lastEntry(after), names)}`];
  const was = entriesByMatch(before, unit);
  const is = entriesByMatch(after, unit);
  const lines: string[] = [];
  for (const [match, entry] of is) {
    const old = was.get(match);
    const which = `${what}${matchText(entry.route["match"])}`;
    if (old) lines.push(...shareLines({ which, service, before: old, after: entry, names }));
    else lines.push(`${which} to ${service} go to ${sharesText(entry, names)} by a route of their own`);
  }
  for (const [match, entry] of was) {
    if (!is.has(match)) lines.push(`${what}${matchText(entry.route["match"])} to ${service} have no route of their own any more`);
  }
  return lines;
}

/** TCP knows no matches: only the last entry counts. */
function entriesByMatch({ entries }: RoutePlan, unit: RouteDifference["unit"]): ReadonlyMap<string, RouteEntry> {
  const counted = unit === "requests" ? entries : entries.slice(-1);
  const byMatch = new Map<string, RouteEntry>();
  // Of several with one match, Envoy takes the first.
  for (const entry of counted) {
    const match = unit === "requests" ? canonicalJson(entry.route["match"] ?? {}) : "";
    if (!byMatch.has(match)) byMatch.set(match, entry);
  }
  return byMatch;
}

interface EntryDifference {
  readonly which: string;
  readonly service: string;
  readonly before: RouteEntry;
  readonly after: RouteEntry;
  readonly names: Names;
}

function shareLines({ which, service, before, after, names }: EntryDifference): readonly string[] {
  const was = sharesOf(before, names);
  const is = sharesOf(after, names);
  if (sameShares(was, is)) return [];
  // Shares of a part and of the whole that it belongs to cannot be held against each other.
  if (before.destinations.length === 0 || after.destinations.length === 0 || overlap(before, after)) {
    return [`${which} to ${service} go to ${sharesText(after, names)}, not to ${sharesText(before, names)}`];
  }
  return [...new Set([...is.keys(), ...was.keys()])]
    .filter((destination) => was.get(destination) !== is.get(destination))
    .sort((a, b) => (is.get(b) ?? 0) - (is.get(a) ?? 0))
    .map((destination) => {
      const share = is.get(destination);
      const gets = share === undefined ? "nothing" : percent(share);
      const old = was.get(destination);
      return `${destination} gets ${gets} of ${which}, was ${old === undefined ? "nothing" : percent(old)}`;
    });
}

function sharesOf({ destinations }: RouteEntry, names: Names): ReadonlyMap<string, number> {
  const total = destinations.reduce((sum, { weight }) => sum + weight, 0);
  const shares = new Map<string, number>();
  for (const { weight, tags } of destinations) {
    const text = namedDestination(tags, names);
    shares.set(text, (shares.get(text) ?? 0) + weight / total);
  }
  return shares;
}

function sameShares(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([destination, share]) => b.get(destination) === share);
}

function overlap(before: RouteEntry, after: RouteEntry): boolean {
  const pairs = before.destinations.flatMap((was) => after.destinations.map((is) => [was.tags, is.tags] as const));
  return pairs.some(([was, is]) => isPartOf(was, is) || isPartOf(is, was));
}

/** Everything that has all tags of `part` has all tags of `whole`, and not the other way round. */
function isPartOf(part: Tags, whole: Tags): boolean {
  const tags = Object.entries(whole);
  return tags.length < Object.keys(part).length && tags.every(([tag, value]) => part[tag] === value);
}

function lastEntry({ entries }: RoutePlan): RouteEntry {
  return entries.at(-1) ?? { route: {}, destinations: [] };
}

function sharesText(entry: RouteEntry, names: Names): string {
  const { redirect, directResponse } = entry.route;
  if (entry.destinations.length === 0)
    return redirect ? "a redirect" : directResponse ? "an answer of the proxy itself" : "nobody";
  const shares = [...sharesOf(entry, names)];
  const [only] = shares;
  if (shares.length === 1 && only) return only[0];
  return listText(shares.map(([destination, share]) => `${destination} (${percent(share)})`));
}
