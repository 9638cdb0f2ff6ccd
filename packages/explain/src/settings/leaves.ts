import type { Json } from "../envoy/json.ts";

/** Every value of a config by its path, the parts joined by `/`: names of fields, names of named items, or places in a list. */
export type Leaves = ReadonlyMap<string, string>;

/**
 * Fields that are no settings, or that other steps of an explanation tell: where traffic goes, who may come, names, addresses.
 * `@type` says what a message is, not what it wants.
 */
const toldElsewhere = new Set([
  ...["@type", "name", "statPrefix", "altStatName", "trafficDirection", "bindToPort", "enableReusePort", "type"],
  ...["address", "bindConfig", "upstreamBindConfig", "metadata", "edsClusterConfig", "loadAssignment", "internalAddressConfig"],
  ...["match", "cluster", "weightedClusters", "domains", "validateClusters", "rds", "routeConfig", "requestMirrorPolicies"],
  ...["filterChains", "filterChainMatch", "transportSocket", "listenerFilters", "virtualHosts", "routes", "trackRemaining"],
  ...["envoy.filters.http.router", "envoy.filters.http.rbac", "envoy.filters.network.rbac", "explicitHttpConfig"],
  ...["forwardClientCertDetails", "setCurrentClientCertDetails", "normalizePath", "requestHeadersToRemove", "resourceApiVersion"],
]);

export function leavesOf(value: unknown): Leaves {
  const leaves = new Map<string, string>();
  collect(value, [], leaves);
  return leaves;
}

function collect(value: unknown, path: readonly string[], into: Map<string, string>): void {
  if (value === undefined || value === null) return;
  const parts = partsOf(value);
  if (!parts) {
    into.set(path.join("/"), typeof value === "string" ? value : JSON.stringify(value));
    return;
  }
  for (const [key, part] of parts) if (!toldElsewhere.has(key)) collect(part, [...path, key], into);
  // Something that is there without saying more, such as `random: {}`.
  if (parts.length === 0 && path.length > 0) into.set(path.join("/"), "{}");
}

/** Undefined for what counts as one value: text, numbers, lists of these. */
function partsOf(value: unknown): readonly (readonly [key: string, part: unknown])[] | undefined {
  if (!Array.isArray(value)) return typeof value === "object" && value !== null ? Object.entries(value) : undefined;
  const items = value as readonly unknown[];
  if (items.length === 0 || items.some((item) => typeof item !== "object" || item === null)) return undefined;
  const names = items.map((item) => (item as Json)["name"]);
  const isNamed = names.every((name) => typeof name === "string") && new Set(names).size === names.length;
  return items.map((item, index) => [isNamed ? String(names[index]) : String(index), item]);
}
