import { definePolicy } from "../core/define-policy.ts";
import { asListenerHooks } from "../core/effects/listener-hooks.ts";
import { negativeDurationWarnings } from "../core/fragments/legacy-durations.ts";
import { legacyRetries } from "./apply.ts";
import { type RetrySpec, retrySchema } from "./schema.ts";
import { validateRetry } from "./validate.ts";

export const retry = definePolicy<RetrySpec>({
  order: 50,
  definition: {
    kind: "Retry",
    path: "retries",
    singularDisplayName: "Retry",
    pluralDisplayName: "Retries",
    style: "legacy",
    policy: { isTargetRef: false },
    schema: retrySchema,
    validate: validateRetry,
    warnings: (spec) => negativeDurationWarnings(retrySchema, spec),
    example: `type: Retry
mesh: default
name: orders-retry
sources:
  - match:
      kuma.io/service: web
destinations:
  - match:
      kuma.io/service: orders
conf:
  http:
    numRetries: 3
    perTryTimeout: 300ms
    backOff:
      baseInterval: 20ms
      maxInterval: 1s
    retryOn:
      - gateway_error
      - retriable_4xx
    retriableMethods:
      - GET
  tcp:
    maxConnectAttempts: 3
`,
  },
  apply: { outbound: legacyRetries, gateway: asListenerHooks(legacyRetries) },
});
