import { decideLegacyOutbound } from "../core/effects/decide-legacy.ts";
import { mapTcpProxy } from "../core/effects/edit.ts";
import type { OutboundHooks } from "../core/effects/hooks.ts";
import { defaultGrpcConditions, defaultHttpConditions, methodMatchers, retryPolicy } from "../core/effects/retry-policy.ts";
import { setHostRetries } from "../core/effects/set-retries.ts";
import { type ProtoJson, unlessEmpty } from "../core/route.ts";
import type { Protocol } from "../core/types.ts";
import type { GrpcRetry, HttpRetry, RetrySpec } from "./schema.ts";

interface Retries {
  /** Envoy `RetryPolicy`. */
  readonly policy?: ProtoJson;
  readonly maxConnectAttempts?: number;
}

/**
 * On the virtual host, so that a MeshRetry on its routes wins (reference: resources-legacy.md section 7). Chosen by the service that
 * the outbound is for, wherever its routes lead. http2 has the retries of http: the peer has none for it.
 */
export const legacyRetries: OutboundHooks<Retries> = {
  decide: (input) => decideLegacyOutbound<RetrySpec, Retries>(input, ({ conf }) => retriesOf(conf, input.outbound.protocol)),
  routeConfiguration: (configuration, { policy }) => (policy ? setHostRetries(configuration, policy) : configuration),
  chain: (chain, { maxConnectAttempts }) =>
    maxConnectAttempts === undefined ? chain : mapTcpProxy(chain, (proxy) => ({ ...proxy, maxConnectAttempts })),
};

function retriesOf({ http, grpc, tcp }: RetrySpec["conf"], protocol: Protocol): Retries | undefined {
  switch (protocol) {
    case "http":
    case "http2":
      return http && { policy: httpRetryPolicy(http) };
    case "grpc":
      return grpc && { policy: grpcRetryPolicy(grpc) };
    default:
      return tcp && { maxConnectAttempts: tcp.maxConnectAttempts };
  }
}

function httpRetryPolicy({ retryOn = [], retriableStatusCodes = [], retriableMethods = [], ...rest }: HttpRetry): ProtoJson {
  const conditions = retryOn.length > 0 ? retryOn.map(conditionName) : defaultHttpConditions;
  return {
    ...retryPolicy([...conditions, ...(retriableStatusCodes.length > 0 ? ["retriable-status-codes"] : [])], rest),
    ...unlessEmpty("retriableStatusCodes", retriableStatusCodes),
    ...unlessEmpty("retriableRequestHeaders", methodMatchers(retriableMethods)),
  };
}

function grpcRetryPolicy({ retryOn = [], ...rest }: GrpcRetry): ProtoJson {
  return retryPolicy(retryOn.length > 0 ? retryOn.map(conditionName) : defaultGrpcConditions, rest);
}

function conditionName(condition: string): string {
  return condition === "all_5xx" ? "5xx" : condition.replaceAll("_", "-");
}
