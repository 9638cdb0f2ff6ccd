import { definePolicy } from "../core/define-policy.ts";
import { negativeDurationWarnings } from "../core/fragments/legacy-durations.ts";
import { externalRateLimitHooks, legacyRateLimitHooks } from "./apply.ts";
import { type RateLimitSpec, rateLimitSchema } from "./schema.ts";
import { validateRateLimit } from "./validate.ts";

export const rateLimit = definePolicy<RateLimitSpec>({
  order: 60,
  definition: {
    kind: "RateLimit",
    path: "rate-limits",
    singularDisplayName: "Rate Limit",
    pluralDisplayName: "Rate Limits",
    style: "legacy",
    policy: { isTargetRef: false },
    schema: rateLimitSchema,
    validate: validateRateLimit,
    warnings: (spec) => negativeDurationWarnings(rateLimitSchema, spec),
    example: `type: RateLimit
mesh: default
name: orders-limit
sources:
  - match:
      kuma.io/service: web
destinations:
  - match:
      kuma.io/service: orders
conf:
  http:
    requests: 50
    interval: 10s
    onRateLimit:
      status: 429
      headers:
        - key: x-limited
          value: "true"
          append: false
`,
  },
  apply: { inbound: legacyRateLimitHooks, outbound: externalRateLimitHooks },
});
