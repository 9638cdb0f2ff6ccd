import { adsConfigSource, type Cluster, type Filter, outboundHttpConnectionManager } from "@meridian/envoy";

/** What holds where no policy says otherwise (reference: policies-envoy.md 0.2 and section 5, "no policy at all"). Milliseconds. */
export const baseTimeouts = {
  connectTimeoutMs: 5_000,
  /** Unused connections, and TCP connections without a byte. */
  idleTimeoutMs: 3_600_000,
  grpcInboundIdleTimeoutMs: 7_200_000,
  inboundRequestTimeoutMs: 15_000,
  inboundStreamIdleTimeoutMs: 1_800_000,
} as const;

/** Envoy's own limits, with the gauges of what is left of them, as the peer has them on every cluster. */
export function withCircuitBreakers(cluster: Cluster): Cluster {
  return { ...cluster, circuitBreakers: { thresholds: [{ trackRemaining: true }] } };
}

export interface RdsConnectionManagerOptions {
  readonly statPrefix: string;
  readonly routeConfigName: string;
  readonly httpFilters: readonly Filter[];
  readonly ipv6Enabled: boolean;
}

/**
 * HCM of an outbound whose routes come by RDS, where the peer puts them into the listener: a change of routes is one small
 * message, and no connection is drained for it.
 */
export function rdsConnectionManager({ routeConfigName, ...options }: RdsConnectionManagerOptions): Filter {
  const inline = outboundHttpConnectionManager({ ...options, routeConfig: { name: routeConfigName, virtualHosts: [] } });
  const { routeConfig: _, ...fields } = inline.typedConfig;
  const rds = { configSource: adsConfigSource, routeConfigName };
  return {
    name: inline.name,
    typedConfig: { ...fields, "@type": inline.typedConfig["@type"], rds, commonHttpProtocolOptions: { idleTimeout: "0s" } },
  };
}
