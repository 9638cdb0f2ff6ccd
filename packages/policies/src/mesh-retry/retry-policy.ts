import { typed } from "@meridian/envoy";
import { positiveDuration } from "../core/effects/durations.ts";
import { defaultGrpcConditions, defaultHttpConditions, methodMatchers, retryPolicy } from "../core/effects/retry-policy.ts";
import { headerMatcher } from "../core/fragments/header-matcher.ts";
import { type ProtoJson, unlessEmpty } from "../core/route.ts";
import type { GrpcRetry, HttpRetry } from "./schema.ts";

const httpConditions: Readonly<Record<string, string>> = {
  "5XX": "5xx",
  "5xx": "5xx",
  GatewayError: "gateway-error",
  Reset: "reset",
  Retriable4xx: "retriable-4xx",
  ConnectFailure: "connect-failure",
  EnvoyRatelimited: "envoy-ratelimited",
  RefusedStream: "refused-stream",
  Http3PostConnectFailure: "http3-post-connect-failure",
};

const grpcConditions: Readonly<Record<string, string>> = {
  // The peer writes `canceled`, which Envoy does not know: such calls are never tried again.
  Canceled: "cancelled",
  DeadlineExceeded: "deadline-exceeded",
  Internal: "internal",
  ResourceExhausted: "resource-exhausted",
  Unavailable: "unavailable",
};

const methodPrefix = "HttpMethod";

/** Envoy `RetryPolicy` (reference: policies-envoy.md section 6). */
export function httpRetryPolicy(http: HttpRetry): ProtoJson {
  const { retryOn = [], retriableRequestHeaders = [], retriableResponseHeaders = [], rateLimitedBackOff, ...rest } = http;
  const conditions = retryOn.flatMap((item) => httpConditions[item] ?? []);
  const statuses = retryOn.filter((item) => /^\d+$/.test(item)).map(Number);
  const methods = retryOn.filter((item) => item.startsWith(methodPrefix)).map((item) => item.slice(methodPrefix.length));
  const listed = [...conditions, ...(statuses.length > 0 ? ["retriable-status-codes"] : [])];
  const whichRequests = [
    ...methodMatchers(methods.map((method) => method.toUpperCase())),
    ...retriableRequestHeaders.map(headerMatcher),
  ];
  return {
    ...retryPolicy(
      [
        ...(listed.length > 0 ? listed : defaultHttpConditions),
        // Without this condition Envoy does not look at the list; the peer leaves it out.
        ...(retriableResponseHeaders.length > 0 ? ["retriable-headers"] : []),
      ],
      rest,
    ),
    ...unlessEmpty("retriableStatusCodes", statuses),
    ...unlessEmpty("retriableRequestHeaders", whichRequests),
    ...unlessEmpty("retriableHeaders", retriableResponseHeaders.map(headerMatcher)),
    ...rateLimited(rateLimitedBackOff),
    ...hostSelection(http),
  };
}

export function grpcRetryPolicy({ retryOn = [], rateLimitedBackOff, ...rest }: GrpcRetry): ProtoJson {
  const conditions = retryOn.flatMap((item) => grpcConditions[item] ?? []);
  return { ...retryPolicy(conditions.length > 0 ? conditions : defaultGrpcConditions, rest), ...rateLimited(rateLimitedBackOff) };
}

/** Envoy wants at least one header to read from. */
function rateLimited(backOff: HttpRetry["rateLimitedBackOff"]): ProtoJson {
  const { resetHeaders = [], maxInterval } = backOff ?? {};
  if (resetHeaders.length === 0) return {};
  const longest = positiveDuration(maxInterval);
  return {
    rateLimitedRetryBackOff: {
      resetHeaders: resetHeaders.map(({ name, format }) => ({
        name,
        format: format === "Seconds" ? "SECONDS" : "UNIX_TIMESTAMP",
      })),
      ...(longest !== undefined && { maxInterval: longest }),
    },
  };
}

function hostSelection({ hostSelection = [], hostSelectionMaxAttempts }: HttpRetry): ProtoJson {
  const byPriority = hostSelection.find(({ predicate }) => predicate === "OmitPreviousPriorities");
  return {
    ...unlessEmpty("retryHostPredicate", hostSelection.flatMap(hostPredicate)),
    ...(byPriority && {
      retryPriority: {
        name: "envoy.retry_priorities.previous_priorities",
        typedConfig: typed("envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig", {
          updateFrequency: byPriority.updateFrequency ?? 2,
        }),
      },
    }),
    ...(hostSelectionMaxAttempts !== undefined && { hostSelectionRetryMaxAttempts: String(hostSelectionMaxAttempts) }),
  };
}

function hostPredicate({ predicate, tags = {} }: NonNullable<HttpRetry["hostSelection"]>[number]): readonly ProtoJson[] {
  switch (predicate) {
    case "OmitPreviousHosts":
      return [
        {
          name: "envoy.retry_host_predicates.previous_hosts",
          typedConfig: typed("envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"),
        },
      ];
    case "OmitHostsWithTags":
      return [
        {
          name: "envoy.retry_host_predicates.omit_host_metadata",
          typedConfig: typed("envoy.extensions.retry.host.omit_host_metadata.v3.OmitHostMetadataConfig", {
            metadataMatch: { filterMetadata: { "envoy.lb": tags } },
          }),
        },
      ];
    default:
      return [];
  }
}
