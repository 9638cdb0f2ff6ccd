import { definePolicy } from "../core/define-policy.ts";
import { listWarnings } from "../core/fragments/policy-lists.ts";
import { inboundBreakers, outboundBreakers } from "./apply.ts";
import { type MeshCircuitBreakerSpec, meshCircuitBreakerSchema } from "./schema.ts";
import { validateMeshCircuitBreaker } from "./validate.ts";

export const meshCircuitBreaker = definePolicy<MeshCircuitBreakerSpec>({
  order: 1300,
  definition: {
    kind: "MeshCircuitBreaker",
    path: "meshcircuitbreakers",
    shortName: "mcb",
    singularDisplayName: "Mesh Circuit Breaker",
    pluralDisplayName: "Mesh Circuit Breakers",
    style: "spec",
    policy: { isTargetRef: true, hasTo: true, hasFrom: true, hasRules: true, isFromAsRules: true },
    schema: meshCircuitBreakerSchema,
    validate: validateMeshCircuitBreaker,
    warnings: listWarnings,
    example: `type: MeshCircuitBreaker
mesh: default
name: orders-break
spec:
  targetRef:
    kind: Mesh
  to:
    - targetRef:
        kind: MeshService
        name: orders
      default:
        connectionLimits:
          maxConnections: 200
          maxPendingRequests: 50
        outlierDetection:
          interval: 5s
          baseEjectionTime: 30s
          maxEjectionPercent: 20
          detectors:
            totalFailures:
              consecutive: 10
            successRate:
              requestVolume: 100
              standardDeviationFactor: "1.9"
`,
  },
  apply: { outbound: outboundBreakers, inbound: inboundBreakers },
});
