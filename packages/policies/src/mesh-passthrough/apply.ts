import { type Listener, passthroughCluster, tlsInspector, typed, typeUrls } from "@meridian/envoy";
import { keyText, type Resource } from "@meridian/model";
import type { Decision, OwnResource, ProxyHooks } from "../core/effects/hooks.ts";
import type { ProxyDecisionInput } from "../core/effects/targets.ts";
import { mergeConfs } from "../core/merge.ts";
import type { PolicyNote } from "../core/policy-note.ts";
import { comparePolicies } from "../core/policy-order.ts";
import type { ProtoJson } from "../core/route.ts";
import { selectsProxy } from "../core/target-ref.ts";
import { type Family, isHttpLike, matchName, type PortMatch, passthroughChains, spreadOverPorts } from "./chains.ts";
import type { MeshPassthroughSpec, PassthroughMatch } from "./schema.ts";

const families: readonly Family[] = ["ipv4", "ipv6"];
const listenerName = (family: Family) => `outbound:passthrough:${family}`;

interface PassthroughConf {
  readonly mode: "All" | "Matched" | "None";
  readonly matches: readonly PortMatch[];
}

/** What a proxy may reach outside of the mesh, at the listeners of its transparent proxy (reference: policies-envoy.md section 16). */
export const meshPassthroughProxy: ProxyHooks<PassthroughConf> = {
  decide,
  resources(resources, { mode, matches }) {
    const outbound = resources.filter(({ json }) => families.some((family) => json.name === listenerName(family)));
    if (!outbound.some(({ typeUrl }) => typeUrl === typeUrls.listener)) return resources;
    const rest = resources.filter((resource) => !outbound.includes(resource));
    const listeners = outbound.filter(({ typeUrl }) => typeUrl === typeUrls.listener);
    if (mode === "All") return [...rest, ...listeners, ...listeners.map(({ json }) => openCluster(json.name))];
    if (mode === "None" || matches.length === 0) return [...rest, ...listeners];
    return [...rest, ...listeners.map((resource) => matchedListener(resource, matches)), ...matchedClusters(matches)];
  },
};

function decide({ subject, policies }: ProxyDecisionInput): Decision<PassthroughConf> | undefined {
  const selecting = (policies as readonly Resource<MeshPassthroughSpec>[])
    .filter((policy) => selectsProxy(policy, subject))
    .sort(comparePolicies);
  if (selecting.length === 0) return undefined;
  const { passthroughMode: mode = "Matched", appendMatch = [] } =
    mergeConfs(selecting.map(({ spec }) => spec.default ?? {})) ?? {};
  const matches = appendMatch.map(portMatch);
  const origins = selecting.map(keyText).sort();
  const mixed = mixedPort(matches);
  if (mixed === undefined) return { conf: { mode, matches: spreadOverPorts(matches) }, origins };
  // Together they say what none of them may say alone: what was let through before stays closed rather than half open.
  const message = `several of http, http2 and grpc on port ${mixed || "*"}: none of the matches is used`;
  return { conf: { mode, matches: [] }, origins, notes: origins.map((policy): PolicyNote => ({ policy, message })) };
}

function portMatch({ type, value, port = 0, protocol = "tcp" }: PassthroughMatch): PortMatch {
  return { type, value, port, protocol };
}

/** A port on which one chain would have to speak several kinds of HTTP. */
function mixedPort(matches: readonly PortMatch[]): number | undefined {
  const spoken = new Map<number, string>();
  for (const { port, protocol } of matches) {
    if (!isHttpLike(protocol)) continue;
    if ((spoken.get(port) ?? protocol) !== protocol) return port;
    spoken.set(port, protocol);
  }
  return undefined;
}

/** All of a listener's chains are replaced, where a match is for its address family. */
function matchedListener(resource: OwnResource, matches: readonly PortMatch[]): OwnResource {
  const listener = resource.json as unknown as Listener;
  const family = families.find((each) => listener.name === listenerName(each)) ?? "ipv4";
  const filterChains = passthroughChains(matches, family);
  if (filterChains.length === 0) return resource;
  const ports = matches.filter(({ protocol }) => protocol === "mysql").map(({ port }) => port);
  const disabled = notOnPorts([...new Set(ports)]);
  const listenerFilters = [originalDestination, { ...tlsInspector, ...disabled }, { ...httpInspector, ...disabled }];
  return { ...resource, json: { ...listener, filterChains, listenerFilters } };
}

function matchedClusters(matches: readonly PortMatch[]): readonly OwnResource[] {
  const clusters = new Map(matches.map((match) => [matchName(match), match]));
  return [...clusters].map(([name, { protocol }]) => {
    const http = protocol === "http2" || protocol === "grpc" ? ({ version: "http2" } as const) : undefined;
    return { ...openCluster(name), json: passthroughCluster({ name, ...(http && { http }) }) };
  });
}

function openCluster(name: string): OwnResource {
  return { typeUrl: typeUrls.cluster, origin: "meshpassthrough", json: passthroughCluster({ name }) };
}

/** The server speaks first in MySQL: an inspector would wait for the client until its time is up. */
function notOnPorts(ports: readonly number[]): ProtoJson {
  const ranges = ports.map((start) => ({ destinationPortRange: { start, end: start + 1 } }));
  if (ranges.length === 0) return {};
  return { filterDisabled: ranges.length === 1 ? ranges[0] : { orMatch: { rules: ranges } } };
}

const originalDestination = {
  name: "envoy.filters.listener.original_dst",
  typedConfig: typed("envoy.extensions.filters.listener.original_dst.v3.OriginalDst"),
};

const httpInspector = {
  name: "envoy.filters.listener.http_inspector",
  typedConfig: typed("envoy.extensions.filters.listener.http_inspector.v3.HttpInspector"),
};
