import type { Cluster, Route } from "@meridian/envoy";
import { decideInbound, type InboundConf } from "../core/effects/decide-inbound.ts";
import { decideTo } from "../core/effects/decide-to.ts";
import { envoyDuration } from "../core/effects/durations.ts";
import type { Decision, InboundHooks, OutboundHooks } from "../core/effects/hooks.ts";
import { withPeerRoutes, withPeerState } from "../core/effects/peer-routes.ts";
import { present } from "../core/effects/present.ts";
import type { InboundDecisionInput, OutboundDecisionInput } from "../core/effects/targets.ts";
import {
  fillHttpTimeouts,
  setConnectTimeout,
  setHttpTimeouts,
  setManagerTimeouts,
  setRouteTimeouts,
  setTcpIdleTimeout,
  type Timeouts,
} from "../core/effects/timeouts.ts";
import type { Protocol } from "../core/types.ts";
import type { TimeoutConf } from "./schema.ts";

/*
 * MeshTimeout acts on every proxy, with or without a policy: what it says for nobody in particular holds where no policy says
 * otherwise (reference: policies-envoy.md section 5).
 */

/** Of a field that a policy leaves open, and of destinations that nobody wrote a policy for. */
const defaults = {
  connect: "5s",
  idle: "3600s",
  maxStream: "0s",
  maxConnection: "0s",
  request: "15s",
  requestHeaders: "0s",
} as const satisfies Timeouts;

/** Unless something else has set one before. */
const defaultStreamIdle = "1800s";

const prefix = "kuma.mesh_timeout";

interface OutboundTimeouts {
  readonly timeouts: Timeouts;
  /** No policy has a say: only what no other kind has set is filled in, and routes wait as long as it takes. */
  readonly isBase?: true;
}

export const outboundTimeouts: OutboundHooks<OutboundTimeouts> = {
  decide: decideOutbound,
  cluster: (cluster, { timeouts, isBase }, { protocol }) =>
    isBase ? fillCluster(cluster, timeouts, protocol) : setCluster(cluster, timeouts, protocol),
  route: (route, { timeouts, isBase }) => (isBase ? route : setRoute(route, timeouts)),
  chain: (chain, { timeouts, isBase }) => {
    if (isBase) return chain;
    const { idle, requestHeaders } = timeouts;
    return setTcpIdleTimeout(setManagerTimeouts(chain, { idle: "0s", requestHeaders }), idle);
  },
};

export const inboundTimeouts: InboundHooks<InboundConf<Timeouts>> = {
  decide: decideInboundTimeouts,
  cluster: (cluster, { all }, { protocol }) => (all ? setCluster(cluster, all, protocol) : cluster),
  routes: (routes, { all, matched }) =>
    withPeerRoutes(all ? routes.map((route) => setRoute(route, all)) : routes, matched, { prefix, edit: setRouteTimeouts }),
  chain: (chain, { all, matched }, { secured }) => {
    const open = withPeerState(chain, matched, { prefix, secured });
    if (!all) return open;
    const { idle, requestHeaders } = all;
    return setTcpIdleTimeout(setManagerTimeouts(open, { idle: "0s", requestHeaders }), idle);
  },
};

function decideOutbound(input: OutboundDecisionInput): Decision<OutboundTimeouts> {
  const decision = decideTo<TimeoutConf>(input);
  const { conf = {}, byRoute, origins = [] } = decision ?? {};
  const isNamed = Object.keys(conf).length > 0;
  // A real resource has the defaults; for a destination known by tag, requests may take as long as they like.
  const isBase = !isNamed && !input.outbound.resource;
  return {
    conf: { timeouts: withDefaults(conf), ...(isBase && { isBase }) },
    ...(byRoute && {
      byRoute: Object.fromEntries(Object.entries(byRoute).map(([route, own]) => [route, { timeouts: withDefaults(own) }])),
    }),
    origins,
  };
}

/** Rules for some clients only leave all others what the inbound has of itself. */
function decideInboundTimeouts(input: InboundDecisionInput): Decision<InboundConf<Timeouts>> {
  const decision = decideInbound<TimeoutConf>(input);
  if (!decision) return { conf: { all: withDefaults({}), matched: [] }, origins: [] };
  const { all, matched } = decision.conf;
  return {
    conf: {
      ...(all && { all: withDefaults(all) }),
      matched: matched.map(({ match, conf }) => ({ match, conf: written(conf) })),
    },
    origins: decision.origins,
  };
}

/** Connections of gRPC keep their own idle time and may be as old as they get, as with the peer. */
function setCluster(cluster: Cluster, timeouts: Timeouts, protocol: Protocol): Cluster {
  const connecting = setConnectTimeout(cluster, timeouts);
  return hasHttpTimeouts(protocol) ? setHttpTimeouts(connecting, timeouts) : connecting;
}

function fillCluster(cluster: Cluster, timeouts: Timeouts, protocol: Protocol): Cluster {
  return hasHttpTimeouts(protocol) ? fillHttpTimeouts(cluster, timeouts) : cluster;
}

function hasHttpTimeouts(protocol: Protocol): boolean {
  return protocol === "http" || protocol === "http2";
}

function setRoute(route: Route, timeouts: Timeouts): Route {
  const streamIdle = route.route?.["idleTimeout"] === undefined ? ({ streamIdle: defaultStreamIdle } as const) : {};
  return setRouteTimeouts(route, { ...streamIdle, ...timeouts });
}

function withDefaults(conf: TimeoutConf): Timeouts {
  return { ...defaults, ...written(conf) };
}

export function written({ connectionTimeout, idleTimeout, http = {} }: TimeoutConf): Timeouts {
  return present({
    connect: envoyDuration(connectionTimeout),
    idle: envoyDuration(idleTimeout),
    maxStream: envoyDuration(http.maxStreamDuration),
    maxConnection: envoyDuration(http.maxConnectionDuration),
    request: envoyDuration(http.requestTimeout),
    streamIdle: envoyDuration(http.streamIdleTimeout),
    requestHeaders: envoyDuration(http.requestHeadersTimeout),
  });
}
