import { fillDefaults } from "@meridian/model";
import { definePolicy } from "../core/define-policy.ts";
import { asListenerHooks } from "../core/effects/listener-hooks.ts";
import { topLevelWarnings } from "../core/validate-target-ref.ts";
import { outboundRetries } from "./apply.ts";
import { type MeshRetrySpec, meshRetrySchema } from "./schema.ts";
import { validateMeshRetry } from "./validate.ts";

export const meshRetry = definePolicy<MeshRetrySpec>({
  order: 1400,
  definition: {
    kind: "MeshRetry",
    path: "meshretries",
    shortName: "mr",
    singularDisplayName: "Mesh Retry",
    pluralDisplayName: "Mesh Retries",
    style: "spec",
    policy: { isTargetRef: true, hasTo: true },
    schema: meshRetrySchema,
    validate: validateMeshRetry,
    normalise: (spec) => fillDefaults(meshRetrySchema, spec),
    warnings: ({ targetRef }) => topLevelWarnings(targetRef),
    example: `type: MeshRetry
mesh: default
name: orders-again
spec:
  targetRef:
    kind: Mesh
  to:
    - targetRef:
        kind: MeshService
        name: orders
      default:
        http:
          numRetries: 3
          perTryTimeout: 500ms
          backOff:
            baseInterval: 25ms
            maxInterval: 250ms
          retryOn:
            - GatewayError
            - ConnectFailure
            - "503"
`,
  },
  apply: { outbound: outboundRetries, gateway: asListenerHooks(outboundRetries) },
});
