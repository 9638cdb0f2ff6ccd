import { statName } from "../names/stat-name.ts";
import { typed } from "./basics.ts";
import type { Filter, Route } from "./types.ts";

export interface InternalHttpOptions {
  readonly statPrefix: string;
  readonly routes: readonly Route[];
}

/** HTTP of Envoy's own listeners, which carry no traffic of the mesh (policies-envoy.md 0.9). */
export function internalHttp({ statPrefix, routes }: InternalHttpOptions): Filter {
  return {
    name: "envoy.filters.network.http_connection_manager",
    typedConfig: typed("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
      statPrefix: statName(statPrefix),
      routeConfig: { virtualHosts: [{ name: statPrefix, domains: ["*"], routes }], validateClusters: false },
      httpFilters: [{ name: "envoy.filters.http.router", typedConfig: typed("envoy.extensions.filters.http.router.v3.Router") }],
      internalAddressConfig: { cidrRanges: [{ addressPrefix: "127.0.0.1", prefixLen: 32 }] },
    }),
  };
}

/** Whatever begins with `path` goes to a cluster, which sees `rewrite` instead of it. */
export function forwardPath(path: string, cluster: string, rewrite: string): Route {
  return { match: { prefix: path }, route: { cluster, prefixRewrite: rewrite } };
}
