import { type Filter, type FilterChain, type Listener, type TypedConfig, tlsInspector } from "@meridian/envoy";

/*
 * Edits of filter chains and listeners that several kinds make. Each returns a new one; what is not there is left alone.
 */

const httpManagerName = "envoy.filters.network.http_connection_manager";
const tcpProxyName = "envoy.filters.network.tcp_proxy";
const rbacName = "envoy.filters.network.rbac";

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

/** Before all network filters but permissions, which come first. */
export function insertBehindRbac(chain: FilterChain, filter: Filter): FilterChain {
  const at = chain.filters[0]?.name === rbacName ? 1 : 0;
  return { ...chain, filters: chain.filters.toSpliced(at, 0, filter) };
}

/** Before all other HTTP filters. */
export function prependHttpFilter(chain: FilterChain, filter: Filter): FilterChain {
  return mapHttpManager(chain, (manager) => ({ ...manager, httpFilters: [filter, ...manager.httpFilters] }));
}

export function hasHttpFilter(chain: FilterChain, wanted: string): boolean {
  return chain.filters.some(
    ({ name, typedConfig }) =>
      name === httpManagerName && (typedConfig as HttpManager).httpFilters.some((filter) => filter.name === wanted),
  );
}

/** Directly before the router, which is always the last one. */
export function addHttpFilters(chain: FilterChain, filters: readonly Filter[]): FilterChain {
  return mapHttpManager(chain, (manager) => ({
    ...manager,
    httpFilters: [...manager.httpFilters.slice(0, -1), ...filters, ...manager.httpFilters.slice(-1)],
  }));
}

/** The listener reads the server name that clients ask for. */
export function withTlsInspector(listener: Listener): Listener {
  const filters = (listener["listenerFilters"] ?? []) as readonly { readonly name: string }[];
  if (filters.some(({ name }) => name === tlsInspector.name)) return listener;
  return { ...listener, listenerFilters: [tlsInspector, ...filters] };
}

function mapFilter(chain: FilterChain, name: string, edit: (config: TypedConfig) => TypedConfig): FilterChain {
  return {
    ...chain,
    filters: chain.filters.map((filter) =>
      filter.name === name ? { ...filter, typedConfig: edit(filter.typedConfig) } : filter,
    ),
  };
}
