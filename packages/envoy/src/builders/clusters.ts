import { altStatName } from "../names/stat-name.ts";
import { adsConfigSource, durationFromMs, isIpv6 } from "./basics.ts";
import { type HttpProtocolOptions, httpProtocolOptions } from "./http-protocol-options.ts";
import { type UpstreamTlsOptions, upstreamTlsSocket } from "./tls.ts";
import type { Address, Cluster } from "./types.ts";

/** What applies to a cluster that no policy says otherwise about (policies-envoy.md 0.2). */
export const defaultConnectTimeoutMs = 5_000;
/** Of the cluster in front of the proxy's own workload (policies-envoy.md 0.3). */
export const defaultLocalConnectTimeoutMs = 10_000;

interface CommonOptions {
  readonly name: string;
  /** Milliseconds, > 0: Envoy rejects 0 (cluster.proto, `connect_timeout`). */
  readonly connectTimeoutMs?: number;
  /** Absent: no HTTP options, for TCP. */
  readonly http?: HttpProtocolOptions;
}

export interface EdsClusterOptions extends CommonOptions {
  /** Absent: plain text. */
  readonly tls?: UpstreamTlsOptions;
}

/**
 * The cluster through which a proxy reaches one destination; endpoints follow by EDS.
 * @throws RangeError if a timeout is not > 0; `validate` bounds what users write, so this would be our bug.
 */
export function edsCluster(options: EdsClusterOptions): Cluster {
  return {
    ...commonFields(options, "EDS", defaultConnectTimeoutMs),
    edsClusterConfig: { edsConfig: adsConfigSource },
    ...(options.tls && { transportSocket: upstreamTlsSocket(options.tls) }),
  };
}

export interface StaticClusterOptions extends CommonOptions {
  readonly endpoints: readonly Address[];
  /** Source address of connections, e.g. 127.0.0.6 with a transparent proxy, so that they are not redirected again. */
  readonly sourceAddress?: string;
}

/** A cluster of fixed endpoints: the workload behind an inbound, Envoy's own admin port. */
export function staticCluster(options: StaticClusterOptions): Cluster {
  return {
    ...commonFields(options, "STATIC", defaultLocalConnectTimeoutMs),
    loadAssignment: {
      clusterName: options.name,
      ...(options.endpoints.length > 0 && {
        endpoints: [{ lbEndpoints: options.endpoints.map((address) => ({ endpoint: { address } })) }],
      }),
    },
    ...bindConfig(options.sourceAddress),
  };
}

export interface PassthroughClusterOptions extends CommonOptions {
  readonly sourceAddress?: string;
  readonly tls?: UpstreamTlsOptions;
}

/** Connects to wherever the connection was going before the transparent proxy took it (policies-envoy.md 0.8). */
export function passthroughCluster(options: PassthroughClusterOptions): Cluster {
  return {
    ...commonFields(options, "ORIGINAL_DST", defaultConnectTimeoutMs),
    // The only balancer that Envoy accepts for ORIGINAL_DST (cluster.proto, `lb_policy`).
    lbPolicy: "CLUSTER_PROVIDED",
    ...bindConfig(options.sourceAddress),
    ...(options.tls && { transportSocket: upstreamTlsSocket(options.tls) }),
  };
}

export interface ZoneClusterOptions {
  readonly name: string;
  readonly connectTimeoutMs?: number;
  /** Distinct sets of tag keys that routes select by, without `kuma.io/service`; an empty set is left out. */
  readonly subsetKeys: readonly (readonly string[])[];
}

/**
 * The cluster of a zone ingress or egress for one service: TLS passes through, endpoints are narrowed by the tags of the SNI.
 * A subset without endpoints gets nothing instead of another subset's (policies-envoy.md 0.10).
 */
export function zoneCluster(options: ZoneClusterOptions): Cluster {
  const selectors = sortedSubsets(options.subsetKeys).map((keys) => ({ keys, fallbackPolicy: "NO_FALLBACK" }));
  return {
    ...commonFields(options, "EDS", defaultConnectTimeoutMs),
    edsClusterConfig: { edsConfig: adsConfigSource },
    ...(selectors.length > 0 && { lbSubsetConfig: { fallbackPolicy: "ANY_ENDPOINT", subsetSelectors: selectors } }),
  };
}

function commonFields(options: CommonOptions, type: Cluster["type"], connectTimeoutMs: number): Cluster {
  const timeoutMs = options.connectTimeoutMs ?? connectTimeoutMs;
  if (!(timeoutMs > 0)) throw new RangeError(`cluster ${options.name}: connectTimeoutMs must be > 0`);
  return {
    name: options.name,
    ...altStatName(options.name),
    type,
    connectTimeout: durationFromMs(timeoutMs),
    ...(options.http && { typedExtensionProtocolOptions: httpProtocolOptions(options.http) }),
  };
}

function bindConfig(sourceAddress: string | undefined): object {
  if (sourceAddress === undefined) return {};
  return { upstreamBindConfig: { sourceAddress: { address: sourceAddress, portValue: 0 } } };
}

/** Source address for the workload's connections under a transparent proxy: the redirect rules let it pass. */
export function transparentSourceAddress(workloadAddress: string): string {
  return isIpv6(workloadAddress) ? "::6" : "127.0.0.6";
}

function sortedSubsets(subsets: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const distinct = new Map(subsets.map((keys) => [...new Set(keys)].sort()).map((keys) => [keys.join("\0"), keys]));
  return [...distinct.keys()]
    .filter((key) => key !== "")
    .sort()
    .map((key) => distinct.get(key) ?? []);
}
