import { isIP } from "node:net";
import {
  type Filter,
  type FilterChain,
  outboundHttpConnectionManager,
  type Route,
  tcpProxyFilter,
  type VirtualHost,
} from "@meridian/envoy";
import type { ProtoJson } from "../core/route.ts";
import type { PassthroughMatch } from "./schema.ts";

export type Family = "ipv4" | "ipv6";
type Protocol = NonNullable<PassthroughMatch["protocol"]>;

/** A match with its port settled; 0: any. */
export interface PortMatch {
  readonly type: PassthroughMatch["type"];
  readonly value: string;
  readonly protocol: Protocol;
  readonly port: number;
}

/** What is spoken as HTTP stands in one chain for all its domains. */
export function isHttpLike(protocol: Protocol): boolean {
  return protocol === "http" || protocol === "http2" || protocol === "grpc";
}

/** Name of chain and cluster (reference: policies-envoy.md section 16). */
export function matchName({ protocol, value, port, type }: PortMatch): string {
  const spoken = protocol === "mysql" ? "tcp" : protocol;
  const where = port === 0 ? "*" : port;
  return isHttpLike(protocol) && type === "Domain"
    ? `meshpassthrough_${spoken}_${where}`
    : `meshpassthrough_${spoken}_${value}_${where}`;
}

/**
 * Envoy looks at the port first and then no further back: a match for every port is repeated for each port that another one names,
 * or it would not count there.
 */
export function spreadOverPorts(matches: readonly PortMatch[]): readonly PortMatch[] {
  const ports = [...new Set(matches.map(({ port }) => port))].filter((port) => port !== 0);
  const spread = matches.flatMap((match) => [match, ...(match.port === 0 ? ports.map((port) => ({ ...match, port })) : [])]);
  const distinct = new Map(spread.map((match) => [`${match.protocol} ${match.type} ${match.value} ${match.port}`, match]));
  return [...distinct.values()].sort(compareMatches);
}

const protocolOrder: readonly Protocol[] = ["mysql", "tls", "tcp", "http", "http2", "grpc"];

function compareMatches(a: PortMatch, b: PortMatch): number {
  return (
    protocolOrder.indexOf(a.protocol) - protocolOrder.indexOf(b.protocol) ||
    specificity(a) - specificity(b) ||
    b.port - a.port ||
    b.value.split(".").length - a.value.split(".").length ||
    (a.value < b.value ? -1 : 1)
  );
}

function specificity({ type, value }: PortMatch): number {
  if (type === "IP") return 0;
  if (type === "CIDR") return 1;
  return value.startsWith("*") ? 3 : 2;
}

/** The chains of one listener; matches of the other address family are left out. Domains can be of either. */
export function passthroughChains(matches: readonly PortMatch[], family: Family): readonly FilterChain[] {
  const fitting = matches.filter((match) => match.type === "Domain" || familyOf(match.value) === family);
  const shared = new Map<string, PortMatch[]>();
  for (const match of fitting) shared.set(matchName(match), [...(shared.get(matchName(match)) ?? []), match]);
  return [...shared].map(([name, group]) => chainOf(name, group));
}

function chainOf(name: string, group: readonly PortMatch[]): FilterChain {
  const [first] = group as readonly [PortMatch];
  const http = isHttpLike(first.protocol);
  return {
    name,
    filterChainMatch: {
      transportProtocol: first.protocol === "tls" ? "tls" : "raw_buffer",
      ...(http && { applicationProtocols: ["http/1.1", "h2c"] }),
      ...(first.port > 0 && { destinationPort: first.port }),
      ...(first.type === "Domain" ? !http && { serverNames: [first.value] } : { prefixRanges: [prefixRange(first.value)] }),
    } as FilterChain["filterChainMatch"] & object,
    filters: [http ? httpFilter(name, group) : tcpProxyFilter({ statPrefix: name, clusters: [{ cluster: name, weight: 1 }] })],
  };
}

function httpFilter(name: string, group: readonly PortMatch[]): Filter {
  const routes: readonly Route[] = [{ match: { prefix: "/" }, route: { cluster: name, timeout: "0s" } }];
  const domains = group.filter(({ type }) => type === "Domain");
  const hosts: readonly VirtualHost[] =
    domains.length === 0
      ? [{ name, domains: ["*"], routes }]
      : [...domains.map(({ value, port }) => ({ name: value, domains: domainsOf(value, port), routes })), noMatch];
  return outboundHttpConnectionManager({ statPrefix: name, routeConfig: { name, virtualHosts: hosts } });
}

function domainsOf(value: string, port: number): readonly string[] {
  if (port > 0) return [value, `${value}:${port}`];
  return value.startsWith("*") ? [value] : [value, `${value}:*`];
}

const noMatch: VirtualHost = {
  name: "no_match",
  domains: ["*"],
  routes: [
    {
      match: { prefix: "/" },
      directResponse: {
        status: 503,
        body: { inlineString: "This domain is not among those that MeshPassthrough lets through.\n" },
      },
    },
  ],
};

function prefixRange(value: string): ProtoJson {
  const [addressPrefix = "", length] = value.split("/");
  return { addressPrefix, prefixLen: length === undefined ? (isIP(addressPrefix) === 6 ? 128 : 32) : Number(length) };
}

function familyOf(value: string): Family {
  return isIP(value.split("/")[0] ?? "") === 6 ? "ipv6" : "ipv4";
}
