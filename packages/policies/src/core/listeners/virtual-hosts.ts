import type { RouteEntry } from "../types.ts";
import { commonHosts, compareHosts, coversHost } from "./host-names.ts";
import { compareMatches } from "./request-match.ts";
import type { HostedRule } from "./types.ts";

/** What a gateway does with requests to the hosts of one pattern. */
export interface HostRoutes {
  /** A host pattern. */
  readonly hostname: string;
  /** In matching order; empty: nobody routes these requests. */
  readonly entries: readonly RouteEntry[];
}

/**
 * The virtual hosts of one listener: its own, and one for each narrower pattern that a rule is for. Envoy takes the most specific host
 * that fits a request and looks no further, so each has every rule that is for its requests: those for just these hosts, or for all
 * of the listener, by the order of the Gateway API; behind them those for a wider pattern, the narrower pattern first.
 * @param own pattern of the listener.
 * @param others patterns of the other listeners of the port: a request belongs to the listener with the most specific one.
 */
export function virtualHosts(own: string, others: readonly string[], rules: readonly HostedRule[]): readonly HostRoutes[] {
  const placed = rules.flatMap((rule) => {
    const hosts = placeOf(rule, own, others);
    return hosts === undefined ? [] : [{ ...rule, hosts }];
  });
  const hostnames = new Set([own, ...placed.map(({ hosts }) => hosts)]);
  return [...hostnames]
    .sort((a, b) => compareHosts(b, a) || (a < b ? -1 : 1))
    .map((hostname) => ({ hostname, entries: entriesFor(hostname, own, placed) }));
}

/** The hosts that a rule is for at the listener; undefined: none. */
function placeOf({ hostname }: HostedRule, own: string, others: readonly string[]): string | undefined {
  const hosts = hostname === undefined ? own : commonHosts(own, hostname);
  if (hosts === undefined || hosts === own) return hosts;
  const isTaken = others.some((other) => coversHost(other, hosts) && compareHosts(other, own) > 0);
  return isTaken ? undefined : hosts;
}

interface PlacedRule extends HostedRule {
  readonly hosts: string;
}

function entriesFor(hostname: string, own: string, rules: readonly PlacedRule[]): readonly RouteEntry[] {
  const isWider = ({ hosts }: PlacedRule) => hosts !== hostname && hosts !== own;
  return rules
    .filter(({ hosts }) => coversHost(hosts, hostname))
    .sort(
      (a, b) =>
        Number(isWider(a)) - Number(isWider(b)) ||
        (isWider(a) ? compareHosts(b.hosts, a.hosts) : 0) ||
        compareMatches(a.match, b.match) ||
        compareHosts(b.hosts, a.hosts),
    )
    .flatMap(({ entries }) => entries);
}
