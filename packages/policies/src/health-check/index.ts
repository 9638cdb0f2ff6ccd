import { fillDefaults } from "@meridian/model";
import { definePolicy } from "../core/define-policy.ts";
import { negativeDurationWarnings } from "../core/fragments/legacy-durations.ts";
import { legacyHealthChecks } from "./apply.ts";
import { type HealthCheckSpec, healthCheckSchema } from "./schema.ts";
import { validateHealthCheck } from "./validate.ts";

export const healthCheck = definePolicy<HealthCheckSpec>({
  order: 40,
  definition: {
    kind: "HealthCheck",
    path: "health-checks",
    singularDisplayName: "Health Check",
    pluralDisplayName: "Health Checks",
    style: "legacy",
    policy: { isTargetRef: false },
    schema: healthCheckSchema,
    validate: validateHealthCheck,
    // Writes out `append`: it is optional, but where it is absent, the peer's zones fail to generate config for every matching proxy
    // (resources-legacy.md section 5).
    normalise: (spec) => fillDefaults(healthCheckSchema, spec),
    warnings: (spec) => negativeDurationWarnings(healthCheckSchema, spec),
    example: `type: HealthCheck
mesh: default
name: orders-http
sources:
  - match:
      kuma.io/service: "*"
destinations:
  - match:
      kuma.io/service: orders
conf:
  interval: 10s
  timeout: 2s
  unhealthyThreshold: 3
  healthyThreshold: 1
  healthyPanicThreshold: 60
  http:
    path: /healthz
    expectedStatuses:
      - 200
      - 204
    requestHeadersToAdd:
      - header:
          key: x-check
          value: mesh
        append: false
`,
  },
  apply: { outbound: legacyHealthChecks },
});
