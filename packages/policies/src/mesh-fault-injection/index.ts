import { definePolicy } from "../core/define-policy.ts";
import { clientTagWarnings } from "../core/fragments/client-tag-warnings.ts";
import { topLevelWarnings } from "../core/validate-target-ref.ts";
import { faultHooks } from "./apply.ts";
import { gatewayFaults } from "./gateway.ts";
import { type MeshFaultInjectionSpec, meshFaultInjectionSchema } from "./schema.ts";
import { validateMeshFaultInjection } from "./validate.ts";

export const meshFaultInjection = definePolicy<MeshFaultInjectionSpec>({
  order: 800,
  definition: {
    kind: "MeshFaultInjection",
    path: "meshfaultinjections",
    shortName: "mfi",
    singularDisplayName: "Mesh Fault Injection",
    pluralDisplayName: "Mesh Fault Injections",
    style: "spec",
    policy: { isTargetRef: true, hasTo: true, hasFrom: true, hasRules: true },
    schema: meshFaultInjectionSchema,
    validate: validateMeshFaultInjection,
    warnings: ({ targetRef, from }) => [...clientTagWarnings(from), ...topLevelWarnings(targetRef)],
    example: `type: MeshFaultInjection
mesh: default
name: orders-shaky
spec:
  targetRef:
    kind: Dataplane
    labels:
      app: orders
  rules:
    - matches:
        - spiffeID:
            type: Prefix
            value: spiffe://default.east.mesh.local/ns/web
      default:
        http:
          - abort:
              httpStatus: 503
              percentage: "2.5"
            delay:
              value: 200ms
              percentage: 10
`,
  },
  apply: { inbound: faultHooks, gateway: gatewayFaults },
});
