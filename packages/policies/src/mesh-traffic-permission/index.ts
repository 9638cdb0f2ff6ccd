import { definePolicy } from "../core/define-policy.ts";
import { clientTagWarnings } from "../core/fragments/client-tag-warnings.ts";
import { topLevelReach } from "../core/reach.ts";
import { topLevelWarnings } from "../core/validate-target-ref.ts";
import { planByMeshTrafficPermission } from "./apply.ts";
import { type MeshTrafficPermissionSpec, meshTrafficPermissionSchema } from "./schema.ts";
import { validateMeshTrafficPermission } from "./validate.ts";

export const meshTrafficPermission = definePolicy<MeshTrafficPermissionSpec>({
  order: 1100,
  definition: {
    kind: "MeshTrafficPermission",
    path: "meshtrafficpermissions",
    shortName: "mtp",
    singularDisplayName: "Mesh Traffic Permission",
    pluralDisplayName: "Mesh Traffic Permissions",
    style: "spec",
    policy: { isTargetRef: true, hasFrom: true, hasRules: true },
    schema: meshTrafficPermissionSchema,
    validate: validateMeshTrafficPermission,
    warnings: ({ targetRef, from }) => [...clientTagWarnings(from), ...topLevelWarnings(targetRef)],
    example: `type: MeshTrafficPermission
mesh: default
name: web-to-orders
spec:
  targetRef:
    kind: MeshSubset
    tags:
      kuma.io/service: orders
  from:
    - targetRef:
        kind: MeshSubset
        tags:
          kuma.io/service: web
      default:
        action: Allow
`,
  },
  apply: { planPermission: planByMeshTrafficPermission },
  inboundReach: topLevelReach,
});
