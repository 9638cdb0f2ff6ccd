import type { Cluster, Duration, FilterChain, Route, TypedConfig } from "@meridian/envoy";
import { mapHttpManager, mapTcpProxy } from "./edit.ts";

/** What MeshTimeout and Timeout can say about one target. `0s` switches a timeout off; absent: it stays as it is. */
export interface Timeouts {
  readonly connect?: Duration;
  /** Of connections without a stream, or without a byte where the protocol has no streams. */
  readonly idle?: Duration;
  readonly maxStream?: Duration;
  readonly maxConnection?: Duration;
  /** From the end of the request: an upload may take longer (RouteAction.timeout). */
  readonly request?: Duration;
  readonly streamIdle?: Duration;
  readonly requestHeaders?: Duration;
}

const httpOptionsName = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

export function setConnectTimeout(cluster: Cluster, { connect }: Timeouts): Cluster {
  return connect === undefined ? cluster : { ...cluster, connectTimeout: connect };
}

/** Idle time and ages of a cluster's connections; a cluster without HTTP options has none (http_protocol_options.proto). */
export function setHttpTimeouts(cluster: Cluster, timeouts: Timeouts): Cluster {
  return editHttpTimeouts(cluster, (common) => ({ ...common, ...httpTimeouts(timeouts) }));
}

/** The same, but what is set already stays. */
export function fillHttpTimeouts(cluster: Cluster, timeouts: Timeouts): Cluster {
  return editHttpTimeouts(cluster, (common) => ({ ...httpTimeouts(timeouts), ...common }));
}

/** A route that answers by itself waits for nobody. */
export function setRouteTimeouts(route: Route, { request, streamIdle }: Timeouts): Route {
  if (!route.route) return route;
  const fields = {
    ...(request !== undefined && { timeout: request }),
    ...(streamIdle !== undefined && { idleTimeout: streamIdle }),
  };
  return { ...route, route: { ...route.route, ...fields } };
}

export interface ManagerTimeouts {
  /** Of connections from clients. */
  readonly idle?: Duration | undefined;
  readonly streamIdle?: Duration | undefined;
  readonly requestHeaders?: Duration | undefined;
}

export function setManagerTimeouts(chain: FilterChain, { idle, streamIdle, requestHeaders }: ManagerTimeouts): FilterChain {
  return mapHttpManager(chain, (manager) => ({
    ...manager,
    ...(idle !== undefined && {
      commonHttpProtocolOptions: { ...(manager["commonHttpProtocolOptions"] as object | undefined), idleTimeout: idle },
    }),
    ...(streamIdle !== undefined && { streamIdleTimeout: streamIdle }),
    ...(requestHeaders !== undefined && { requestHeadersTimeout: requestHeaders }),
  }));
}

export function setTcpIdleTimeout(chain: FilterChain, idle: Duration | undefined): FilterChain {
  return idle === undefined ? chain : mapTcpProxy(chain, (proxy) => ({ ...proxy, idleTimeout: idle }));
}

function editHttpTimeouts(cluster: Cluster, edit: (common: object) => object): Cluster {
  const extensions = cluster["typedExtensionProtocolOptions"] as Readonly<Record<string, TypedConfig>> | undefined;
  const options = extensions?.[httpOptionsName];
  if (!options) return cluster;
  const common = edit((options["commonHttpProtocolOptions"] ?? {}) as object);
  if (Object.keys(common).length === 0) return cluster;
  return {
    ...cluster,
    typedExtensionProtocolOptions: { ...extensions, [httpOptionsName]: { ...options, commonHttpProtocolOptions: common } },
  };
}

function httpTimeouts({ idle, maxStream, maxConnection }: Timeouts): object {
  return {
    ...(idle !== undefined && { idleTimeout: idle }),
    ...(maxStream !== undefined && { maxStreamDuration: maxStream }),
    ...(maxConnection !== undefined && { maxConnectionDuration: maxConnection }),
  };
}
