import { type Filter, type FilterChain, type Route, type TypedConfig, typed } from "@meridian/envoy";
import type { PeerMatch } from "../rule-list.ts";
import type { MatchedConf } from "./decide-inbound.ts";
import { isHttpChain, prependFilter } from "./edit.ts";

/*
 * Confs for some clients of an HTTP inbound only (MeshTimeout, MeshRateLimit): before each route stands a copy for each kind of
 * client, told apart by what `set_filter_state` remembers of the connection's TLS handshake (reference: policies-envoy.md section 5).
 */

/** `kuma.mesh_timeout`, `kuma.mesh_rate_limit`: what the keys of a kind begin with. Kinds with equal needs still have keys of their own. */
export type PeerKeyPrefix = `kuma.${string}`;

const filterName = "envoy.filters.network.set_filter_state";

/** The routes with, before each, its copies for the matched clients, most specific first. */
export function withPeerRoutes<Conf>(
  routes: readonly Route[],
  matched: readonly MatchedConf<Conf>[],
  options: { readonly prefix: PeerKeyPrefix; readonly edit: (route: Route, conf: Conf) => Route },
): readonly Route[] {
  const { prefix, edit } = options;
  return routes.flatMap((route) => [
    ...matched.map(({ match, conf }) => edit({ ...route, match: matchPeer(route.match, match, prefix) }, conf)),
    route,
  ]);
}

/**
 * Lets a chain remember what `withPeerRoutes` asks for. Only secured chains know it, and only HTTP has routes: others stay as they
 * are. Kinds share one filter, where the peer leaves out the keys of all but the first.
 */
export function withPeerState(
  chain: FilterChain,
  matched: readonly MatchedConf<unknown>[],
  { prefix, secured }: { readonly prefix: PeerKeyPrefix; readonly secured: boolean },
): FilterChain {
  if (matched.length === 0 || !secured || !isHttpChain(chain)) return chain;
  const values = [
    ...(matched.some(({ match }) => match.spiffeID) ? [stateValue(spiffeKey(prefix), "%DOWNSTREAM_PEER_URI_SAN%")] : []),
    ...(matched.some(({ match }) => match.sni) ? [stateValue(sniKey(prefix), "%REQUESTED_SERVER_NAME%")] : []),
  ];
  if (!chain.filters.some(({ name }) => name === filterName)) return prependFilter(chain, stateFilter(values));
  const filters = chain.filters.map((filter) =>
    filter.name === filterName ? stateFilter([...valuesOf(filter.typedConfig), ...values]) : filter,
  );
  return { ...chain, filters };
}

function matchPeer(match: Route["match"], { spiffeID, sni }: PeerMatch, prefix: PeerKeyPrefix): Route["match"] {
  const wider = (match["filterState"] ?? []) as readonly object[];
  const own = [
    ...(spiffeID ? [{ key: spiffeKey(prefix), stringMatch: anyUri(spiffeID) }] : []),
    ...(sni ? [{ key: sniKey(prefix), stringMatch: { exact: sni.value } }] : []),
  ];
  return { ...match, filterState: [...wider, ...own] };
}

/**
 * One of the URIs of the certificate. With the CA of a Mesh there are several: Envoy joins them by commas, and the peer's exact match
 * then fits no client. No URI of ours contains a comma.
 */
function anyUri({ type, value }: NonNullable<PeerMatch["spiffeID"]>): object {
  const escaped = value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return { safeRegex: { regex: `(?:.*,)?${escaped}${type === "Exact" ? "(?:,.*)?" : ".*"}` } };
}

function stateFilter(values: readonly object[]): Filter {
  return {
    name: filterName,
    typedConfig: typed("envoy.extensions.filters.network.set_filter_state.v3.Config", { onDownstreamTlsHandshake: values }),
  };
}

function valuesOf(config: TypedConfig): readonly object[] {
  return config["onDownstreamTlsHandshake"] as readonly object[];
}

/** Not `read_only`, which Envoy 1.40 warns of: nobody else writes these keys. */
function stateValue(objectKey: string, format: string): object {
  return {
    objectKey,
    factoryKey: "envoy.string",
    formatString: { textFormatSource: { inlineString: format } },
    skipIfEmpty: true,
  };
}

function spiffeKey(prefix: PeerKeyPrefix): string {
  return `${prefix}.match.spiffe_id`;
}

function sniKey(prefix: PeerKeyPrefix): string {
  return `${prefix}.match.sni`;
}
