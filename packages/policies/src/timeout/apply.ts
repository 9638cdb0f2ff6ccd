import { decideLegacyOutbound } from "../core/effects/decide-legacy.ts";
import { envoyDuration, positiveDuration } from "../core/effects/durations.ts";
import type { OutboundHooks } from "../core/effects/hooks.ts";
import { present } from "../core/effects/present.ts";
import {
  setConnectTimeout,
  setHttpTimeouts,
  setManagerTimeouts,
  setRouteTimeouts,
  setTcpIdleTimeout,
  type Timeouts,
} from "../core/effects/timeouts.ts";
import { isHttpFamily } from "../core/protocol.ts";
import type { TimeoutConf, TimeoutSpec } from "./schema.ts";

/** `idle` is that of HTTP connections. */
interface LegacyTimeouts extends Timeouts {
  readonly tcpIdle?: Timeouts["idle"];
}

/**
 * Outbounds only (reference: resources-legacy.md section 8). A MeshTimeout for the destination replaces it whole. The peer's does so
 * for most fields even where there is no MeshTimeout at all; here, a Timeout alone is in force.
 */
export const legacyTimeouts: OutboundHooks<LegacyTimeouts> = {
  decide: (input) =>
    decideLegacyOutbound<TimeoutSpec, LegacyTimeouts>(input, ({ conf }) => timeoutsOf(conf, input.outbound.protocol === "grpc")),
  cluster: (cluster, timeouts, { protocol }) => {
    const connecting = setConnectTimeout(cluster, timeouts);
    return isHttpFamily(protocol) ? setHttpTimeouts(connecting, timeouts) : connecting;
  },
  route: setRouteTimeoutOnly,
  chain: (chain, { idle, streamIdle, tcpIdle }) => setTcpIdleTimeout(setManagerTimeouts(chain, { idle, streamIdle }), tcpIdle),
};

/** Silent streams are the connection manager's business here, so that a MeshTimeout's routes win over it. */
function setRouteTimeoutOnly(route: Parameters<typeof setRouteTimeouts>[0], { request }: LegacyTimeouts) {
  return setRouteTimeouts(route, request === undefined ? {} : { request });
}

function timeoutsOf({ connectTimeout, tcp, http = {}, grpc = {} }: TimeoutConf, isGrpc: boolean): LegacyTimeouts {
  const own = isGrpc ? { ...grpc, ...present(http) } : http;
  return present({
    connect: positiveDuration(connectTimeout),
    idle: envoyDuration(http.idleTimeout),
    tcpIdle: envoyDuration(tcp?.idleTimeout),
    request: envoyDuration(http.requestTimeout),
    streamIdle: envoyDuration(own.streamIdleTimeout),
    maxStream: envoyDuration(own.maxStreamDuration),
  });
}
