import { fillDefaults } from "@meridian/model";
import { definePolicy } from "../core/define-policy.ts";
import { asListenerTracing } from "../core/effects/listener-hooks.ts";
import { collectorWarnings } from "../core/fragments/open-telemetry.ts";
import { topLevelWarnings } from "../core/validate-target-ref.ts";
import { inboundTracing, outboundTracing, traceTraits } from "./apply.ts";
import { type MeshTraceSpec, meshTraceSchema } from "./schema.ts";
import { portWarnings, validateMeshTrace } from "./validate.ts";

export const meshTrace = definePolicy<MeshTraceSpec>({
  order: 700,
  definition: {
    kind: "MeshTrace",
    path: "meshtraces",
    shortName: "mtr",
    singularDisplayName: "Mesh Trace",
    pluralDisplayName: "Mesh Traces",
    style: "spec",
    policy: { isTargetRef: true },
    schema: meshTraceSchema,
    validate: validateMeshTrace,
    normalise: (spec) => fillDefaults(meshTraceSchema, spec),
    warnings: (spec) => [
      ...topLevelWarnings(spec.targetRef),
      ...collectorWarnings((spec.default?.backends ?? []).map((backend) => backend.openTelemetry)),
      ...portWarnings(spec),
    ],
    example: `type: MeshTrace
mesh: default
name: all
spec:
  targetRef:
    kind: Mesh
  default:
    backends:
      - type: Zipkin
        zipkin:
          url: http://jaeger-collector:9411/api/v2/spans
    sampling:
      overall: 80
      random: "12.5"
    tags:
      - name: team
        literal: core
      - name: client
        header:
          name: x-client
          default: unknown
`,
  },
  apply: { outbound: outboundTracing, inbound: inboundTracing, gateway: asListenerTracing(outboundTracing) },
  // A proxy is selected as a whole, by any of its inbounds.
  outboundReach: () => ({ services: "any" }),
  inboundReach: () => ({ services: "any" }),
  clientTraits: traceTraits,
});
