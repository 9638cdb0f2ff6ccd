import type { Duration } from "@meridian/envoy";
import type { ProtoJson } from "../route.ts";
import { envoyDuration, positiveDuration } from "./durations.ts";

/** What the retries of both generations have in common. */
interface Attempts {
  readonly numRetries?: number | undefined;
  readonly perTryTimeout?: string | undefined;
  readonly backOff?: { readonly baseInterval?: string | undefined; readonly maxInterval?: string | undefined } | undefined;
}

export const defaultHttpConditions: readonly string[] = ["gateway-error", "connect-failure", "refused-stream"];

export const defaultGrpcConditions: readonly string[] = [
  "cancelled",
  "connect-failure",
  "gateway-error",
  "refused-stream",
  "reset",
  "resource-exhausted",
  "unavailable",
];

/** Begins an Envoy `RetryPolicy`. Without `numRetries` Envoy tries once more. */
export function retryPolicy(conditions: readonly string[], { numRetries, perTryTimeout, backOff }: Attempts): ProtoJson {
  const perTry = envoyDuration(perTryTimeout);
  return {
    retryOn: [...new Set(conditions)].join(","),
    ...(numRetries !== undefined && { numRetries }),
    ...(perTry !== undefined && { perTryTimeout: perTry }),
    ...(backOff && { retryBackOff: retryBackOff(backOff) }),
  };
}

/** Only requests of these methods. */
export function methodMatchers(methods: readonly string[]): readonly ProtoJson[] {
  return methods.map((method) => ({ name: ":method", stringMatch: { exact: method } }));
}

const defaultBaseInterval: Duration = "0.025s";

/** Envoy wants a base, and a longest pause that is no shorter (route_components.proto, `RetryBackOff`). */
function retryBackOff({ baseInterval, maxInterval }: NonNullable<Attempts["backOff"]>): ProtoJson {
  const base = positiveDuration(baseInterval) ?? defaultBaseInterval;
  const max = positiveDuration(maxInterval);
  if (max === undefined) return { baseInterval: base };
  return { baseInterval: base, maxInterval: Number.parseFloat(max) < Number.parseFloat(base) ? base : max };
}
