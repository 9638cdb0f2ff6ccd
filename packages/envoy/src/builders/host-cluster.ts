import { isIP } from "node:net";
import { socketAddress, typed } from "./basics.ts";
import { defaultConnectTimeoutMs, staticCluster } from "./clusters.ts";
import type { HttpProtocolOptions } from "./http-protocol-options.ts";
import type { Cluster } from "./types.ts";

export interface HostClusterOptions {
  readonly name: string;
  /** IP address or DNS name. */
  readonly host: string;
  readonly port: number;
  readonly http?: HttpProtocolOptions;
  /** TLS with the name that is asked for; the server's certificate is not checked. Absent: plain text. */
  readonly tls?: { readonly serverName: string };
}

/** One server outside of the mesh: a collector of logs or traces (policies-envoy.md sections 13, 14). */
export function hostCluster({ host, port, tls, ...options }: HostClusterOptions): Cluster {
  const isName = isIP(host) === 0;
  return {
    ...staticCluster({ ...options, connectTimeoutMs: defaultConnectTimeoutMs, endpoints: [socketAddress(host, port)] }),
    // V4_PREFERRED instead of the peer's choice by the proxy's own address: all proxies can share the cluster.
    ...(isName && { type: "STRICT_DNS", dnsLookupFamily: "V4_PREFERRED" }),
    ...(tls && {
      transportSocket: {
        name: "envoy.transport_sockets.tls",
        typedConfig: typed("envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext", {
          ...(isName && { sni: tls.serverName }),
        }),
      },
    }),
  };
}
