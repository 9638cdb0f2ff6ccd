import { definePolicy } from "../core/define-policy.ts";
import { negativeDurationWarnings } from "../core/fragments/legacy-durations.ts";
import { legacyBreakers } from "./apply.ts";
import { type CircuitBreakerSpec, circuitBreakerSchema } from "./schema.ts";
import { validateCircuitBreaker } from "./validate.ts";

export const circuitBreaker = definePolicy<CircuitBreakerSpec>({
  order: 45,
  definition: {
    kind: "CircuitBreaker",
    path: "circuit-breakers",
    singularDisplayName: "Circuit Breaker",
    pluralDisplayName: "Circuit Breakers",
    style: "legacy",
    policy: { isTargetRef: false },
    schema: circuitBreakerSchema,
    validate: validateCircuitBreaker,
    warnings: (spec) => negativeDurationWarnings(circuitBreakerSchema, spec),
    example: `type: CircuitBreaker
mesh: default
name: orders-cb
sources:
  - match:
      kuma.io/service: "*"
destinations:
  - match:
      kuma.io/service: orders
conf:
  interval: 5s
  baseEjectionTime: 20s
  maxEjectionPercent: 30
  detectors:
    totalErrors:
      consecutive: 10
    failure:
      requestVolume: 20
      minimumHosts: 3
      threshold: 50
  thresholds:
    maxConnections: 200
    maxRequests: 400
`,
  },
  apply: { outbound: legacyBreakers },
});
