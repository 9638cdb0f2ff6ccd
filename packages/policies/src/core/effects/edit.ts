import type { Filter, FilterChain, TypedConfig } from "@meridian/envoy";

/*
 * Edits of filter chains that several kinds make. Each returns a new chain; what is not there is left alone.
 */

const httpManagerName = "envoy.filters.network.http_connection_manager";
const tcpProxyName = "envoy.filters.network.tcp_proxy";

/** Envoy `HttpConnectionManager` in proto JSON. */
export interface HttpManager extends TypedConfig {
  readonly httpFilters: readonly Filter[];
}

export function isHttpChain(chain: FilterChain): boolean {
  return chain.filters.some(({ name }) => name === httpManagerName);
}

export function mapHttpManager(chain: FilterChain, edit: (manager: HttpManager) => HttpManager): FilterChain {
  return mapFilter(chain, httpManagerName, (config) => edit(config as HttpManager));
}

export function mapTcpProxy(chain: FilterChain, edit: (proxy: TypedConfig) => TypedConfig): FilterChain {
  return mapFilter(chain, tcpProxyName, edit);
}

/** Before all other network filters. */
export function prependFilter(chain: FilterChain, filter: Filter): FilterChain {
  return { ...chain, filters: [filter, ...chain.filters] };
}

/** Before all other HTTP filters. */
export function prependHttpFilter(chain: FilterChain, filter: Filter): FilterChain {
  return mapHttpManager(chain, (manager) => ({ ...manager, httpFilters: [filter, ...manager.httpFilters] }));
}

/** Directly before the router, which is always the last one. */
export function addHttpFilters(chain: FilterChain, filters: readonly Filter[]): FilterChain {
  return mapHttpManager(chain, (manager) => ({
    ...manager,
    httpFilters: [...manager.httpFilters.slice(0, -1), ...filters, ...manager.httpFilters.slice(-1)],
  }));
}

function mapFilter(chain: FilterChain, name: string, edit: (config: TypedConfig) => TypedConfig): FilterChain {
  return {
    ...chain,
    filters: chain.filters.map((filter) =>
      filter.name === name ? { ...filter, typedConfig: edit(filter.typedConfig) } : filter,
    ),
  };
}
