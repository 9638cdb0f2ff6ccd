import { definePolicy } from "../core/define-policy.ts";
import { negativeDurationWarnings } from "../core/fragments/legacy-durations.ts";
import { legacyFaultHooks } from "./apply.ts";
import { type FaultInjectionSpec, faultInjectionSchema } from "./schema.ts";
import { validateFaultInjection } from "./validate.ts";

export const faultInjection = definePolicy<FaultInjectionSpec>({
  // Before RateLimit: a request that fails here counts against no limit (filters follow the order of kinds).
  order: 58,
  definition: {
    kind: "FaultInjection",
    path: "fault-injections",
    singularDisplayName: "Fault Injection",
    pluralDisplayName: "Fault Injections",
    style: "legacy",
    policy: { isTargetRef: false },
    schema: faultInjectionSchema,
    validate: validateFaultInjection,
    warnings: (spec) => negativeDurationWarnings(faultInjectionSchema, spec),
    example: `type: FaultInjection
mesh: default
name: orders-chaos
sources:
  - match:
      kuma.io/service: web
      version: canary
destinations:
  - match:
      kuma.io/service: orders
      kuma.io/protocol: http
conf:
  abort:
    percentage: 5
    httpStatus: 503
  delay:
    percentage: 12.5
    value: 2s
  responseBandwidth:
    percentage: 10
    limit: 500 kbps
`,
  },
  apply: { inbound: legacyFaultHooks },
});
