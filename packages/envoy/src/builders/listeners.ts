import { inboundListenerName, outboundListenerName } from "../names/names.ts";
import { socketAddress, typed } from "./basics.ts";
import type { Filter, FilterChain, FilterChainMatch, Listener, TransportSocket } from "./types.ts";

export interface FilterChainOptions {
  readonly name?: string;
  /** Absent: takes what no other chain matches. */
  readonly match?: FilterChainMatch;
  readonly filters: readonly Filter[];
  readonly transportSocket?: TransportSocket;
}

export function filterChain({ name, match, filters, transportSocket }: FilterChainOptions): FilterChain {
  return {
    ...(name !== undefined && { name }),
    ...(match && { filterChainMatch: match }),
    filters,
    ...(transportSocket && { transportSocket }),
  };
}

/** A match on what the TLS inspector has read. */
export const plainTextMatch: FilterChainMatch = { transportProtocol: "raw_buffer" };
export const anyTlsMatch: FilterChainMatch = { transportProtocol: "tls" };
export const meshTlsMatch: FilterChainMatch = { transportProtocol: "tls", applicationProtocols: ["kuma"] };

/** A chain of a zone ingress: TLS for one server name. */
export function serverNameMatch(...serverNames: readonly string[]): FilterChainMatch {
  return { transportProtocol: "tls", serverNames };
}

export interface ListenerOptions {
  readonly address: string;
  readonly port: number;
  readonly filterChains: readonly FilterChain[];
  /** Filters that read the connection's first bytes, e.g. `tlsInspector`. */
  readonly listenerFilters?: readonly Filter[];
  /** Metadata `io.kuma.tags`. */
  readonly tags: Readonly<Record<string, string>>;
  /** False: only the transparent proxy's listener has a socket and hands connections over. */
  readonly bindToPort?: boolean;
}

export interface InboundListenerOptions extends ListenerOptions {
  /** Each worker has its own socket (SO_REUSEPORT); the proxy's feature `feature-reuse-port`. */
  readonly reusePort?: boolean;
}

/** Where others reach this proxy: an inbound of a sidecar, or a zone ingress (policies-envoy.md 0.3, 0.10). */
export function inboundListener(options: InboundListenerOptions): Listener {
  return {
    name: inboundListenerName(options.address, options.port),
    ...listenerFields(options),
    trafficDirection: "INBOUND",
    ...(options.reusePort !== undefined && { enableReusePort: options.reusePort }),
  };
}

/** Where the workload reaches one destination (policies-envoy.md 0.4). */
export function outboundListener(options: ListenerOptions): Listener {
  return {
    name: outboundListenerName(options.address, options.port),
    ...listenerFields(options),
    trafficDirection: "OUTBOUND",
  };
}

function listenerFields(options: ListenerOptions): Pick<Listener, "address" | "filterChains"> {
  const { listenerFilters = [], tags } = options;
  return {
    address: socketAddress(options.address, options.port),
    filterChains: options.filterChains,
    ...(listenerFilters.length > 0 && { listenerFilters }),
    ...(Object.keys(tags).length > 0 && { metadata: { filterMetadata: { "io.kuma.tags": tags } } }),
    ...(options.bindToPort === false && { bindToPort: false }),
  };
}

/** Reads SNI and ALPN, so that chains can match on them. */
export const tlsInspector: Filter = {
  name: "envoy.filters.listener.tls_inspector",
  typedConfig: typed("envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"),
};
