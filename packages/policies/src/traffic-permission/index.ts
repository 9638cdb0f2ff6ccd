import { definePolicy } from "../core/define-policy.ts";
import { destinationReach } from "../core/reach.ts";
import { planByTrafficPermission } from "./apply.ts";
import { type TrafficPermissionSpec, trafficPermissionSchema } from "./schema.ts";
import { validateTrafficPermission } from "./validate.ts";

export const trafficPermission = definePolicy<TrafficPermissionSpec>({
  order: 20,
  definition: {
    kind: "TrafficPermission",
    path: "traffic-permissions",
    singularDisplayName: "Traffic Permission",
    pluralDisplayName: "Traffic Permissions",
    style: "legacy",
    policy: { isTargetRef: false },
    schema: trafficPermissionSchema,
    validate: validateTrafficPermission,
    example: `type: TrafficPermission
mesh: default
name: web-to-orders
sources:
  - match:
      kuma.io/service: web
destinations:
  - match:
      kuma.io/service: orders
`,
  },
  apply: { planPermission: planByTrafficPermission },
  inboundReach: destinationReach,
});
