import { statName } from "../names/stat-name.ts";
import { durationFromMs, typed } from "./basics.ts";
import type { WeightedCluster } from "./routes.ts";
import type { Filter } from "./types.ts";

export interface TcpProxyOptions {
  readonly statPrefix: string;
  /** At least one. */
  readonly clusters: readonly WeightedCluster[];
  /** Milliseconds without a byte until the connection closes; 0: never; absent: Envoy's default, 1 h. */
  readonly idleTimeoutMs?: number;
  /** Tags (`envoy.lb`) that narrow the endpoints: what a zone ingress reads from the SNI. */
  readonly subset?: Readonly<Record<string, string>>;
}

/** Forwards bytes (tcp_proxy.proto). @throws RangeError without a cluster. */
export function tcpProxyFilter(options: TcpProxyOptions): Filter {
  const [first] = options.clusters;
  if (!first) throw new RangeError(`tcp proxy ${options.statPrefix} needs at least one cluster`);
  const destination =
    options.clusters.length === 1
      ? { cluster: first.cluster }
      : { weightedClusters: { clusters: options.clusters.map(({ cluster, weight }) => ({ name: cluster, weight })) } };
  const subset = options.subset && Object.keys(options.subset).length > 0 ? options.subset : undefined;
  return {
    name: "envoy.filters.network.tcp_proxy",
    typedConfig: typed("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy", {
      statPrefix: statName(options.statPrefix),
      ...destination,
      ...(options.idleTimeoutMs !== undefined && { idleTimeout: durationFromMs(options.idleTimeoutMs) }),
      ...(subset && { metadataMatch: { filterMetadata: { "envoy.lb": subset } } }),
    }),
  };
}

/** Counts Kafka requests; stands before the TCP proxy. Only in Envoy builds with contrib extensions. */
export function kafkaBrokerFilter(statPrefix: string): Filter {
  return {
    name: "envoy.filters.network.kafka_broker",
    typedConfig: typed("envoy.extensions.filters.network.kafka_broker.v3.KafkaBroker", { statPrefix: statName(statPrefix) }),
  };
}

/** Answers every connection with a text and closes it: a listener that has nothing to serve (policies-envoy.md 0.10). */
export function directResponseFilter(text: string): Filter {
  return {
    name: "envoy.filters.network.direct_response",
    typedConfig: typed("envoy.extensions.filters.network.direct_response.v3.Config", { response: { inlineString: text } }),
  };
}
