import { definePolicy } from "../core/define-policy.ts";
import { negativeDurationWarnings } from "../core/fragments/legacy-durations.ts";
import { legacyTimeouts } from "./apply.ts";
import { type TimeoutSpec, timeoutSchema } from "./schema.ts";
import { validateTimeout } from "./validate.ts";

export const timeout = definePolicy<TimeoutSpec>({
  order: 55,
  definition: {
    kind: "Timeout",
    path: "timeouts",
    singularDisplayName: "Timeout",
    pluralDisplayName: "Timeouts",
    style: "legacy",
    policy: { isTargetRef: false },
    schema: timeoutSchema,
    validate: validateTimeout,
    warnings: (spec) => [
      ...(spec.conf.grpc ? ["conf.grpc is deprecated, use conf.http instead"] : []),
      ...negativeDurationWarnings(timeoutSchema, spec),
    ],
    example: `type: Timeout
mesh: default
name: orders-timeout
sources:
  - match:
      kuma.io/service: "*"
destinations:
  - match:
      kuma.io/service: orders
conf:
  connectTimeout: 2s
  tcp:
    idleTimeout: 30m
  http:
    requestTimeout: 4s
    streamIdleTimeout: 5m
`,
  },
  apply: { outbound: legacyTimeouts },
});
