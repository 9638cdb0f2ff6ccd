import { decideTo } from "../core/effects/decide-to.ts";
import { mapTcpProxy } from "../core/effects/edit.ts";
import type { Decision, OutboundHooks } from "../core/effects/hooks.ts";
import { setRouteRetries, withoutHostRetries } from "../core/effects/set-retries.ts";
import type { OutboundDecisionInput } from "../core/effects/targets.ts";
import type { ProtoJson } from "../core/route.ts";
import type { Protocol } from "../core/types.ts";
import { grpcRetryPolicy, httpRetryPolicy } from "./retry-policy.ts";
import type { RetryConf } from "./schema.ts";

/** Nothing for the destination's protocol: what is retried without a policy stays. */
interface Retries {
  /** Envoy `RetryPolicy`. */
  readonly policy?: ProtoJson;
  /** `numRetries: 0` */
  readonly isOff?: true;
  readonly maxConnectAttempts?: number;
}

/**
 * On every route, as the peer has it (reference: policies-envoy.md section 6). Unlike there, http2 has the retries of http, and
 * connections of unknown protocol or of kafka those of tcp.
 */
export const outboundRetries: OutboundHooks<Retries> = {
  decide,
  route: (route, { policy }) => (policy ? setRouteRetries(route, policy) : route),
  // What is in force for all routes takes the place of what is not: `numRetries: 0` means none at all.
  routeConfiguration: (configuration, { policy, isOff }) => (policy || isOff ? withoutHostRetries(configuration) : configuration),
  chain: (chain, { maxConnectAttempts }) =>
    maxConnectAttempts === undefined ? chain : mapTcpProxy(chain, (proxy) => ({ ...proxy, maxConnectAttempts })),
};

function decide(input: OutboundDecisionInput): Decision<Retries> | undefined {
  const decision = decideTo<RetryConf>(input);
  if (!decision) return undefined;
  const { protocol } = input.outbound;
  const conf = retriesOf(decision.conf, protocol) ?? {};
  const { byRoute, ...rest } = decision;
  if (!byRoute) return { ...rest, conf };
  const own = Object.entries(byRoute).map(([route, routeConf]) => [route, retriesOf(routeConf, protocol) ?? conf] as const);
  return { ...rest, conf, byRoute: Object.fromEntries(own.map(([route, retries]) => [route, alone(retries)])) };
}

/** A route that wants no retries says so itself, for others may have those of the virtual host. */
function alone(retries: Retries): Retries {
  return retries.isOff ? { policy: {} } : retries;
}

/** Undefined: the conf has no section for the protocol. */
function retriesOf({ http, grpc, tcp }: RetryConf, protocol: Protocol): Retries | undefined {
  switch (protocol) {
    case "http":
    case "http2":
      return http && (http.numRetries === 0 ? { isOff: true } : { policy: httpRetryPolicy(http) });
    case "grpc":
      return grpc && (grpc.numRetries === 0 ? { isOff: true } : { policy: grpcRetryPolicy(grpc) });
    default:
      return tcp?.maxConnectAttempt === undefined ? undefined : { maxConnectAttempts: tcp.maxConnectAttempt };
  }
}
