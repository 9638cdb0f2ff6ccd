import { adsConfigSource, type Cluster, type Filter, outboundHttpConnectionManager } from "@meridian/envoy";

/**
 * What a config has before any policy kind has its say (reference: policies-envoy.md 0.2, 0.3); most of it is MeshTimeout's to
 * change, also where there is no MeshTimeout. Milliseconds.
 */
export const baseTimeouts = {
  connectTimeoutMs: 5_000,
  localConnectTimeoutMs: 10_000,
  /** Of the clients' connections and of those to the workload. */
  inboundIdleTimeoutMs: 7_200_000,
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
