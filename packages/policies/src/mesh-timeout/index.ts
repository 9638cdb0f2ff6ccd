import { definePolicy } from "../core/define-policy.ts";
import { listWarnings } from "../core/fragments/policy-lists.ts";
import { inboundTimeouts, outboundTimeouts } from "./apply.ts";
import { gatewayTimeouts } from "./gateway.ts";
import { type MeshTimeoutSpec, meshTimeoutSchema } from "./schema.ts";
import { validateMeshTimeout } from "./validate.ts";

export const meshTimeout = definePolicy<MeshTimeoutSpec>({
  order: 1000,
  definition: {
    kind: "MeshTimeout",
    path: "meshtimeouts",
    shortName: "mt",
    singularDisplayName: "Mesh Timeout",
    pluralDisplayName: "Mesh Timeouts",
    style: "spec",
    policy: { isTargetRef: true, hasTo: true, hasFrom: true, hasRules: true, isFromAsRules: true },
    schema: meshTimeoutSchema,
    validate: validateMeshTimeout,
    warnings: listWarnings,
    example: `type: MeshTimeout
mesh: default
name: orders-answer-soon
spec:
  targetRef:
    kind: Mesh
  to:
    - targetRef:
        kind: MeshService
        name: orders
      default:
        connectionTimeout: 2s
        idleTimeout: 1h
        http:
          requestTimeout: 3s
          streamIdleTimeout: 30m
`,
  },
  apply: { outbound: outboundTimeouts, inbound: inboundTimeouts, gateway: gatewayTimeouts },
});
