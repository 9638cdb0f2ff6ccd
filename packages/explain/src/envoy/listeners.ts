import { meshAlpn } from "@meridian/envoy";
import { configOf, fieldAt, type Json, listOf } from "./json.ts";

/** How a connection arrives. */
export interface Arrival {
  /** Absent: plain bytes. */
  readonly tls?: { readonly sni: string; readonly alpn: readonly string[] };
}

/**
 * The filter chain that takes a connection: the one that asks for most of what it is (FilterChainMatch: server names before the
 * transport protocol before application protocols). Undefined: Envoy closes it.
 */
export function chooseChain(listener: Json, { tls }: Arrival): Json | undefined {
  const chains = [...listOf(listener["filterChains"])].sort((a, b) => specificity(b) - specificity(a));
  const defaultChain = listener["defaultFilterChain"] as Json | undefined;
  return chains.find((chain) => fitsChain((chain["filterChainMatch"] ?? {}) as Json, tls)) ?? defaultChain;
}

function fitsChain({ transportProtocol, applicationProtocols, serverNames }: Json, tls: Arrival["tls"]): boolean {
  if (transportProtocol !== undefined && transportProtocol !== (tls ? "tls" : "raw_buffer")) return false;
  const alpns = (applicationProtocols ?? []) as readonly string[];
  if (alpns.length > 0 && !tls?.alpn.some((alpn) => alpns.includes(alpn))) return false;
  const names = (serverNames ?? []) as readonly string[];
  return names.length === 0 || (tls !== undefined && names.some((name) => fitsServerName(name, tls.sni)));
}

function fitsServerName(wanted: string, sni: string): boolean {
  const [name, asked] = [wanted.toLowerCase(), sni.toLowerCase()];
  return name === asked || (name.startsWith("*.") && asked.endsWith(name.slice(1)));
}

function specificity(chain: Json): number {
  const { serverNames, transportProtocol, applicationProtocols } = (chain["filterChainMatch"] ?? {}) as Json;
  return (serverNames ? 4 : 0) + (transportProtocol ? 2 : 0) + (applicationProtocols ? 1 : 0);
}

/** Config of the first network filter of a type; undefined: the chain has none. */
export function networkFilter(chain: Json, type: string): Json | undefined {
  return listOf(chain["filters"])
    .map((filter) => configOf(filter, type))
    .find((config) => config !== undefined);
}

export function httpManager(chain: Json): Json | undefined {
  return networkFilter(chain, ".HttpConnectionManager");
}

export function tcpProxy(chain: Json): Json | undefined {
  return networkFilter(chain, ".TcpProxy");
}

export interface RbacFilter {
  /** `http` answers 403, `network` closes the connection. */
  readonly place: "http" | "network";
  readonly rbac: Json;
}

/** Those that a request meets, in order. */
export function rbacFilters(chain: Json): readonly RbacFilter[] {
  const find = (filters: unknown, place: RbacFilter["place"]): readonly RbacFilter[] =>
    listOf(filters).flatMap((filter) => {
      const rbac = configOf(filter, ".RBAC");
      return rbac ? [{ place, rbac }] : [];
    });
  return [...find(chain["filters"], "network"), ...find(httpManager(chain)?.["httpFilters"], "http")];
}

export interface WeightedName {
  readonly cluster: string;
  /** In [0, 1]. */
  readonly share: number;
}

/** Where a route action or a TCP proxy leads; empty: nowhere (a redirect, a direct response) or not known here (`clusterHeader`). */
export function clustersOf(action: Json | undefined): readonly WeightedName[] {
  const single = action?.["cluster"];
  if (typeof single === "string") return [{ cluster: single, share: 1 }];
  const weighted = listOf(fieldAt(action, "weightedClusters", "clusters"));
  const total = weighted.reduce((sum, { weight }) => sum + Number(weight ?? 0), 0);
  return weighted
    .map(({ name, weight }) => ({ cluster: String(name), share: total === 0 ? 0 : Number(weight ?? 0) / total }))
    .filter(({ share }) => share > 0);
}

/** How a cluster's connections arrive at the other end. */
export function arrivalOf(cluster: Json): Arrival {
  const tls = configOf(cluster["transportSocket"], ".UpstreamTlsContext");
  if (!tls) return {};
  const alpn = (fieldAt(tls, "commonTlsContext", "alpnProtocols") ?? []) as readonly string[];
  return { tls: { sni: String(tls["sni"] ?? ""), alpn } };
}

export function isMeshTls({ tls }: Arrival): boolean {
  return tls?.alpn.includes(meshAlpn) ?? false;
}
