/**
 * The parts of Envoy's v3 API that our builders make, as proto3 JSON (envoy/config/**, proto names in camelCase). Policies lay
 * further fields over these; the codec checks every field's name and type against the whole API.
 */
type Json = Readonly<Record<string, unknown>>;

/** google.protobuf.Duration in JSON: `5s`, `0.250s`. */
export type Duration = `${number}s`;

/** google.protobuf.Any in JSON: `@type` beside the message's fields. */
export interface TypedConfig extends Json {
  readonly "@type": string;
}

export type Address =
  | { readonly socketAddress: { readonly address: string; readonly portValue: number; readonly protocol?: "UDP" } }
  | { readonly pipe: { readonly path: string; readonly mode?: number } };

/** envoy.config.core.v3.Metadata */
export interface Metadata {
  readonly filterMetadata: Readonly<Record<string, Json>>;
}

export interface TransportSocket {
  readonly name: string;
  readonly typedConfig: TypedConfig;
}

/** A network, listener or HTTP filter. */
export interface Filter {
  readonly name: string;
  readonly typedConfig: TypedConfig;
}

/** envoy.config.listener.v3.FilterChainMatch */
export interface FilterChainMatch {
  readonly transportProtocol?: "raw_buffer" | "tls";
  readonly applicationProtocols?: readonly string[];
  readonly serverNames?: readonly string[];
  readonly destinationPort?: number;
  readonly sourcePrefixRanges?: readonly { readonly addressPrefix: string; readonly prefixLen: number }[];
}

export interface FilterChain {
  readonly name?: string;
  readonly filterChainMatch?: FilterChainMatch;
  readonly filters: readonly Filter[];
  readonly transportSocket?: TransportSocket;
}

export interface Listener extends Json {
  readonly name: string;
  readonly address: Address;
  readonly filterChains: readonly FilterChain[];
  readonly trafficDirection?: "INBOUND" | "OUTBOUND";
}

export interface Cluster extends Json {
  readonly name: string;
  readonly type: "EDS" | "STATIC" | "STRICT_DNS" | "ORIGINAL_DST";
  readonly connectTimeout: Duration;
}

/** envoy.config.route.v3.Route before or after its clusters are named. */
export interface Route extends Json {
  readonly match: Json;
  readonly route?: Json;
}

export interface VirtualHost extends Json {
  readonly name: string;
  readonly domains: readonly string[];
  readonly routes: readonly Route[];
  readonly retryPolicy?: Readonly<Record<string, unknown>>;
}

export interface RouteConfiguration extends Json {
  readonly name: string;
  readonly virtualHosts: readonly VirtualHost[];
}

export interface ClusterLoadAssignment extends Json {
  readonly clusterName: string;
  readonly endpoints: readonly LocalityEndpoints[];
}

/** envoy.config.endpoint.v3.LocalityLbEndpoints */
export interface LocalityEndpoints {
  readonly locality?: { readonly zone?: string; readonly subZone?: string };
  readonly lbEndpoints: readonly Json[];
  readonly priority?: number;
  readonly loadBalancingWeight?: number;
}

export interface Secret extends Json {
  readonly name: string;
}
