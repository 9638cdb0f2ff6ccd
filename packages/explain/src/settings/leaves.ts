import { fractionText } from "../envoy/fraction.ts";
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
  ...[
    "match",
    "headers",
    "cluster",
    "weightedClusters",
    "domains",
    "validateClusters",
    "rds",
    "routeConfig",
    "requestMirrorPolicies",
  ],
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
  const text = wholeText(value);
  if (text !== undefined) {
    into.set(path.join("/"), text);
    return;
  }
  const parts = partsOf(value);
  if (!parts) {
    into.set(path.join("/"), typeof value === "string" ? value : JSON.stringify(value));
    return;
  }
  for (const [key, part] of parts) if (!toldElsewhere.has(key)) collect(part, [...path, key], into);
  // Something that is there without saying more, such as `random: {}`.
  if (parts.length === 0 && path.length > 0) into.set(path.join("/"), "{}");
}

/** Messages that say one thing: a share, a rate. */
function wholeText(value: unknown): string | undefined {
  const { defaultValue, runtimeKey, maxTokens, fillInterval } = Object(value) as Json;
  if (defaultValue !== undefined && runtimeKey !== undefined) return wholeText(defaultValue);
  if (maxTokens !== undefined && fillInterval !== undefined) return `${Number(maxTokens)} per ${String(fillInterval)}`;
  return fractionText(value);
}

/** Undefined for what counts as one value: text, numbers, lists of these. */
function partsOf(value: unknown): readonly (readonly [key: string, part: unknown])[] | undefined {
  if (!Array.isArray(value)) return typeof value === "object" && value !== null ? Object.entries(value) : undefined;
  const items = value as readonly unknown[];
  if (items.length === 0 || items.some((item) => typeof item !== "object" || item === null)) return undefined;
  const names = items.map((item) => (item as Json)["name"]);
  if (!names.every((name) => typeof name === "string")) return items.map((item, index) => [String(index), item]);
  return items.map((item, index) => {
    const before = names.slice(0, index).filter((name) => name === names[index]).length;
    return [before === 0 ? String(names[index]) : `${names[index]} ${before + 1}`, item];
  });
}
