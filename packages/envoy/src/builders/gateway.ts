import { adsConfigSource, durationFromMs, socketAddress, typed } from "./basics.ts";
import { tlsInspector } from "./listeners.ts";
import type { Filter, FilterChain, Listener, TransportSocket } from "./types.ts";

/** Connections read and write this much at a time: clients are strangers (policies-envoy.md 0.11). */
export const gatewayBufferLimitBytes = 32_768;

export interface GatewayListenerOptions {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly filterChains: readonly FilterChain[];
  /** Chains ask for what the client's TLS says. Elsewhere nobody waits for its first bytes: a server may speak first. */
  readonly readsTls: boolean;
}

/** Where clients outside of the mesh come in. */
export function gatewayListener({ name, address, port, filterChains, readsTls }: GatewayListenerOptions): Listener {
  return {
    name,
    address: socketAddress(address, port),
    trafficDirection: "INBOUND",
    enableReusePort: true,
    perConnectionBufferLimitBytes: gatewayBufferLimitBytes,
    ...(readsTls && { listenerFilters: [tlsInspector] }),
    filterChains,
  };
}

/**
 * TLS towards clients that have no certificate of the mesh.
 * @param certificates SDS names. One that is missing holds back its own filter chains only: after a second Envoy goes on without.
 * @param alpn protocols to offer; none: for bytes.
 */
export function certificateTlsSocket(certificates: readonly string[], alpn: readonly string[]): TransportSocket {
  const sdsConfig = { ...adsConfigSource, initialFetchTimeout: "1s" };
  return {
    name: "envoy.transport_sockets.tls",
    typedConfig: typed("envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext", {
      commonTlsContext: {
        tlsParams: { tlsMinimumProtocolVersion: "TLSv1_2" },
        tlsCertificateSdsSecretConfigs: certificates.map((name) => ({ name, sdsConfig })),
        ...(alpn.length > 0 && { alpnProtocols: alpn }),
      },
      requireClientCertificate: false,
    }),
  };
}

/** HTTP connection manager fields for connections of strangers (Envoy, "Configuring Envoy as an edge proxy"). */
export const edgeManagerFields = {
  serverName: "Kuma Gateway",
  useRemoteAddress: true,
  mergeSlashes: true,
  pathWithEscapedSlashesAction: "UNESCAPE_AND_REDIRECT",
  commonHttpProtocolOptions: { idleTimeout: "300s", headersWithUnderscoresAction: "REJECT_REQUEST" },
  streamIdleTimeout: "5s",
  requestHeadersTimeout: durationFromMs(500),
  http2ProtocolOptions: {
    maxConcurrentStreams: 100,
    initialStreamWindowSize: 65_536,
    initialConnectionWindowSize: 1_048_576,
    allowConnect: true,
  },
} as const;

/** Answers are compressed for clients that ask for it, but for those that are told apart by their bytes (ETag). */
export const compressorFilter: Filter = {
  name: "gzip-compress",
  typedConfig: typed("envoy.extensions.filters.http.compressor.v3.Compressor", {
    compressorLibrary: { name: "gzip", typedConfig: typed("envoy.extensions.compression.gzip.compressor.v3.Gzip") },
    responseDirectionConfig: { disableOnEtagHeader: true },
  }),
};

/** Closes connections beyond so many at a time (connection_limit.proto). @param max 1 or more. */
export function connectionLimitFilter(statPrefix: string, max: number): Filter {
  return {
    name: "envoy.filters.network.connection_limit",
    typedConfig: typed("envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit", {
      statPrefix,
      maxConnections: String(max),
    }),
  };
}
