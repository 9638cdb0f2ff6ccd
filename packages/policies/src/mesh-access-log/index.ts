import { fillDefaults } from "@meridian/model";
import { definePolicy } from "../core/define-policy.ts";
import { asListenerHooks } from "../core/effects/listener-hooks.ts";
import { collectorWarnings } from "../core/fragments/open-telemetry.ts";
import { listWarnings } from "../core/fragments/policy-lists.ts";
import { inboundLogs } from "./inbound.ts";
import { logTraits, outboundLogs } from "./outbound.ts";
import { passthroughLogs } from "./passthrough.ts";
import { type MeshAccessLogSpec, meshAccessLogSchema } from "./schema.ts";
import { validateMeshAccessLog } from "./validate.ts";

export const meshAccessLog = definePolicy<MeshAccessLogSpec>({
  order: 600,
  definition: {
    kind: "MeshAccessLog",
    path: "meshaccesslogs",
    shortName: "mal",
    singularDisplayName: "Mesh Access Log",
    pluralDisplayName: "Mesh Access Logs",
    style: "spec",
    policy: { isTargetRef: true, hasTo: true, hasFrom: true, hasRules: true, isFromAsRules: true },
    schema: meshAccessLogSchema,
    validate: validateMeshAccessLog,
    normalise: (spec) => fillDefaults(meshAccessLogSchema, spec),
    warnings: (spec) => [...listWarnings(spec), ...collectorWarnings(backendsOf(spec).map((backend) => backend.openTelemetry))],
    example: `type: MeshAccessLog
mesh: default
name: requests-to-orders
spec:
  targetRef:
    kind: Dataplane
    labels:
      app: web
  to:
    - targetRef:
        kind: MeshService
        name: orders
      default:
        backends:
          - type: File
            file:
              path: /var/log/mesh/orders.log
              format:
                type: Json
                json:
                  - key: start
                    value: "%START_TIME%"
                  - key: destination
                    value: "%KUMA_DESTINATION_SERVICE%"
`,
  },
  apply: { outbound: outboundLogs, inbound: inboundLogs, proxy: passthroughLogs, gateway: asListenerHooks(outboundLogs) },
  clientTraits: logTraits,
});

function backendsOf({ to = [], from = [], rules = [] }: MeshAccessLogSpec) {
  return [...to, ...from, ...rules].flatMap((item) => item.default?.backends ?? []);
}
