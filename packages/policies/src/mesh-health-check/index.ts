import { at } from "@meridian/model";
import { definePolicy } from "../core/define-policy.ts";
import { topLevelWarnings } from "../core/validate-target-ref.ts";
import { outboundHealthChecks } from "./apply.ts";
import { type MeshHealthCheckSpec, meshHealthCheckSchema } from "./schema.ts";
import { validateMeshHealthCheck } from "./validate.ts";

export const meshHealthCheck = definePolicy<MeshHealthCheckSpec>({
  order: 1200,
  definition: {
    kind: "MeshHealthCheck",
    path: "meshhealthchecks",
    shortName: "mhc",
    singularDisplayName: "Mesh Health Check",
    pluralDisplayName: "Mesh Health Checks",
    style: "spec",
    policy: { isTargetRef: true, hasTo: true },
    schema: meshHealthCheckSchema,
    validate: validateMeshHealthCheck,
    warnings: ({ targetRef, to = [] }) => [...panicWarnings(to), ...topLevelWarnings(targetRef)],
    example: `type: MeshHealthCheck
mesh: default
name: orders-alive
spec:
  targetRef:
    kind: Mesh
  to:
    - targetRef:
        kind: MeshService
        name: orders
      default:
        interval: 10s
        timeout: 2s
        unhealthyThreshold: 3
        healthyThreshold: 1
        http:
          path: /health
          expectedStatuses: [200, 201]
`,
  },
  apply: { outbound: outboundHealthChecks },
});

function panicWarnings(to: NonNullable<MeshHealthCheckSpec["to"]>): readonly string[] {
  return to.flatMap((item, index) =>
    item.default?.healthyPanicThreshold === undefined
      ? []
      : [
          `'${at("spec.to", index)}.default.healthyPanicThreshold' is deprecated, use outlierDetection.healthyPanicThreshold of MeshCircuitBreaker instead`,
        ],
  );
}
