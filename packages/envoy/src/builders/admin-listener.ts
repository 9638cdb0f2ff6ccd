import { socketAddress } from "./basics.ts";
import { staticCluster } from "./clusters.ts";
import { forwardPath, internalHttp } from "./internal-http.ts";
import { filterChain, tlsInspector } from "./listeners.ts";
import { type StaticServerTlsOptions, staticServerTlsSocket } from "./tls.ts";
import type { Address, Cluster, Filter, Listener } from "./types.ts";

export const adminName = "kuma:envoy:admin";
export const readinessName = "kuma:readiness";

/** Where Envoy's own admin interface listens: a pipe or a loopback port. */
export function adminCluster(address: Address): Cluster {
  return staticCluster({ name: adminName, endpoints: [address] });
}

/** The readiness reporter beside Envoy. */
export function readinessCluster(address: Address): Cluster {
  return staticCluster({ name: readinessName, endpoints: [address] });
}

export interface AdminListenerOptions {
  /** The data plane's address; it must differ from the admin interface's own. */
  readonly address: string;
  readonly port: number;
  /** Lets the control plane read dumps and stats; absent: only `/ready`. */
  readonly tls?: Omit<StaticServerTlsOptions, "clientDnsName">;
}

/**
 * Shows `/ready` to everyone and the admin interface to the control plane alone, which proves itself by a client certificate
 * (dataplane-protocol.md section 8, policies-envoy.md 0.9).
 */
export function adminListener(options: AdminListenerOptions): Listener {
  const control =
    options.tls &&
    filterChain({
      match: { transportProtocol: "tls" },
      filters: [adminHttp({ "/ready": adminName, "/": adminName })],
      transportSocket: staticServerTlsSocket({ ...options.tls, clientDnsName: "kuma-cp" }),
    });
  return {
    name: adminName,
    address: socketAddress(options.address, options.port),
    trafficDirection: "INBOUND",
    listenerFilters: [tlsInspector],
    filterChains: [filterChain({ filters: [adminHttp({ "/ready": readinessName })] }), ...(control ? [control] : [])],
  };
}

function adminHttp(paths: Readonly<Record<string, string>>): Filter {
  const routes = Object.entries(paths).map(([path, cluster]) => forwardPath(path, cluster, path));
  return internalHttp({ statPrefix: adminName, routes });
}
