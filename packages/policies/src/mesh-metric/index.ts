import { fillDefaults } from "@meridian/model";
import { definePolicy } from "../core/define-policy.ts";
import { collectorWarnings } from "../core/fragments/open-telemetry.ts";
import { topLevelWarnings } from "../core/validate-target-ref.ts";
import { meshMetricProxy } from "./apply.ts";
import { type MeshMetricSpec, meshMetricSchema } from "./schema.ts";
import { backendWarnings, validateMeshMetric } from "./validate.ts";

export const meshMetric = definePolicy<MeshMetricSpec>({
  order: 1500,
  definition: {
    kind: "MeshMetric",
    path: "meshmetrics",
    shortName: "mm",
    singularDisplayName: "Mesh Metric",
    pluralDisplayName: "Mesh Metrics",
    style: "spec",
    policy: { isTargetRef: true },
    schema: meshMetricSchema,
    validate: validateMeshMetric,
    normalise: (spec) => fillDefaults(meshMetricSchema, spec),
    warnings: (spec) => [
      ...topLevelWarnings(spec.targetRef),
      ...collectorWarnings((spec.default?.backends ?? []).map((backend) => backend.openTelemetry)),
      ...backendWarnings(spec),
    ],
    example: `type: MeshMetric
mesh: default
name: all
spec:
  targetRef:
    kind: Mesh
  default:
    sidecar:
      profiles:
        appendProfiles:
          - name: Basic
        include:
          - type: Regex
            match: http2_.*
    applications:
      - name: orders
        port: 8080
    backends:
      - type: Prometheus
        prometheus:
          port: 5670
          path: /metrics
`,
  },
  apply: { proxy: meshMetricProxy },
});
