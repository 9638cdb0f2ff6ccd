import { statName } from "../names/stat-name.ts";
import { durationFromMs, typed } from "./basics.ts";
import type { Filter, RouteConfiguration } from "./types.ts";

/** Addresses that count as inside: `x-envoy-internal` and the like are trusted from there (policies-envoy.md 0.2). */
const internalRanges = [
  ["10.0.0.0", 8],
  ["192.168.0.0", 16],
  ["172.16.0.0", 12],
  ["fc00::", 7],
  ["fd00::", 8],
  ["127.0.0.1", 32],
  ["::1", 128],
] as const;

interface CommonOptions {
  /** Service or cluster; special characters are replaced. */
  readonly statPrefix: string;
  readonly routeConfig: RouteConfiguration;
  /** Before the router, in order. */
  readonly httpFilters?: readonly Filter[];
  /** False when the proxy has no IPv6: Envoy would refuse IPv6 ranges. Default true. */
  readonly ipv6Enabled?: boolean;
}

export interface InboundHttpOptions extends CommonOptions {
  /** Milliseconds; default 2 h. */
  readonly idleTimeoutMs?: number;
  /** Milliseconds; default 1 h. */
  readonly streamIdleTimeoutMs?: number;
  /** Milliseconds; 0: no limit; absent: field not set. */
  readonly requestHeadersTimeoutMs?: number;
}

/** HCM of an inbound: tells the workload who called (`x-forwarded-client-cert`) and trusts no caller's claim (policies-envoy.md 0.3). */
export function inboundHttpConnectionManager(options: InboundHttpOptions): Filter {
  return connectionManager(options, {
    forwardClientCertDetails: "SANITIZE_SET",
    setCurrentClientCertDetails: { uri: true },
    commonHttpProtocolOptions: { idleTimeout: durationFromMs(options.idleTimeoutMs ?? 2 * 3_600_000) },
    streamIdleTimeout: durationFromMs(options.streamIdleTimeoutMs ?? 3_600_000),
    ...(options.requestHeadersTimeoutMs !== undefined && {
      requestHeadersTimeout: durationFromMs(options.requestHeadersTimeoutMs),
    }),
  });
}

/** HCM of an outbound (policies-envoy.md 0.4). */
export function outboundHttpConnectionManager(options: CommonOptions): Filter {
  return connectionManager(options, { normalizePath: true });
}

/** HCM of a zone egress: paths were normalised by the client's sidecar, and servers outside are told of no client (policies-envoy.md 0.10). */
export function egressHttpConnectionManager(options: CommonOptions): Filter {
  return connectionManager(options, {});
}

function connectionManager(options: CommonOptions, fields: object): Filter {
  const ranges = internalRanges.filter(([prefix]) => options.ipv6Enabled !== false || !prefix.includes(":"));
  return {
    name: "envoy.filters.network.http_connection_manager",
    typedConfig: typed("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
      statPrefix: statName(options.statPrefix),
      routeConfig: options.routeConfig,
      httpFilters: [...(options.httpFilters ?? []), routerFilter],
      internalAddressConfig: {
        cidrRanges: ranges.map(([addressPrefix, prefixLen]) => ({ addressPrefix, prefixLen })),
      },
      ...fields,
    }),
  };
}

/** The last HTTP filter of every chain. */
const routerFilter: Filter = {
  name: "envoy.filters.http.router",
  typedConfig: typed("envoy.extensions.filters.http.router.v3.Router"),
};

/** gRPC counters; comes first in the chain of a grpc port. */
export const grpcStatsFilter: Filter = {
  name: "envoy.filters.http.grpc_stats",
  typedConfig: typed("envoy.extensions.filters.http.grpc_stats.v3.FilterConfig", { emitFilterState: true }),
};
