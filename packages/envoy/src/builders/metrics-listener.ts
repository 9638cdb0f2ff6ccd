import { pipeAddress, socketAddress, typed } from "./basics.ts";
import { staticCluster } from "./clusters.ts";
import { forwardPath, internalHttp } from "./internal-http.ts";
import { anyTlsMatch, filterChain, tlsInspector } from "./listeners.ts";
import { networkRbacFilter, type RbacRules } from "./rbac.ts";
import { type DownstreamTlsOptions, downstreamTlsSocket } from "./tls.ts";
import type { Cluster, FilterChain, Listener, TransportSocket } from "./types.ts";

/** Who may read metrics, and how. */
export type MetricsSecurity =
  | { readonly mode: "plain" }
  /** With the certificate of files that lie on the proxy's host. */
  | { readonly mode: "provided"; readonly certPath: string; readonly keyPath: string }
  /** For clients of the mesh, and the proxy's own host. `rules` absent: for all of them. */
  | { readonly mode: "mesh"; readonly tls: DownstreamTlsOptions; readonly rules?: RbacRules };

export interface MetricsListenerOptions {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Where a Prometheus asks. */
  readonly path: string;
  /** Of `metricsCluster`. */
  readonly cluster: string;
  /** What the program beside Envoy is asked for: path, and query. */
  readonly rewrite: string;
  readonly security: MetricsSecurity;
}

/** Where a Prometheus reads the proxy's metrics and its applications' (policies-envoy.md section 15, resources-legacy.md 16). */
export function metricsListener({ name, address, port, path, cluster, rewrite, security }: MetricsListenerOptions): Listener {
  const http = internalHttp({ statPrefix: name, routes: [forwardPath(path, cluster, rewrite)] });
  return {
    name,
    address: socketAddress(address, port),
    trafficDirection: "INBOUND",
    ...(security.mode === "provided" && { listenerFilters: [tlsInspector] }),
    filterChains: chains(security, { name, address, filters: [http] }),
  };
}

interface Chains {
  readonly name: string;
  readonly address: string;
  readonly filters: FilterChain["filters"];
}

function chains(security: MetricsSecurity, { name, address, filters }: Chains): readonly FilterChain[] {
  switch (security.mode) {
    case "plain":
      return [filterChain({ filters })];
    case "provided": {
      const match = anyTlsMatch;
      return [filterChain({ match, filters, transportSocket: fileTls(security) })];
    }
    case "mesh": {
      const rbac = security.rules ? [networkRbacFilter(name, security.rules)] : [];
      const own = { sourcePrefixRanges: [{ addressPrefix: address, prefixLen: address.includes(":") ? 128 : 32 }] };
      return [
        filterChain({ match: own, filters }),
        filterChain({ filters: [...rbac, ...filters], transportSocket: downstreamTlsSocket(security.tls) }),
      ];
    }
  }
}

function fileTls({ certPath, keyPath }: { readonly certPath: string; readonly keyPath: string }): TransportSocket {
  const certificate = { certificateChain: { filename: certPath }, privateKey: { filename: keyPath } };
  return {
    name: "envoy.transport_sockets.tls",
    typedConfig: typed("envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext", {
      commonTlsContext: { tlsCertificates: [certificate] },
    }),
  };
}

/** The program beside Envoy that puts metrics together. @param socketPath unix socket on which it listens. */
export function metricsCluster(name: string, socketPath: string): Cluster {
  return staticCluster({ name, endpoints: [pipeAddress(socketPath)] });
}
