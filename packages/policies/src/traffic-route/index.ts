import { definePolicy } from "../core/define-policy.ts";
import { destinationReach } from "../core/reach.ts";
import { planByTrafficRoute, trafficRouteDestinations } from "./apply.ts";
import { type TrafficRouteSpec, trafficRouteSchema } from "./schema.ts";
import { validateTrafficRoute } from "./validate.ts";

export const trafficRoute = definePolicy<TrafficRouteSpec>({
  order: 10,
  definition: {
    kind: "TrafficRoute",
    path: "traffic-routes",
    singularDisplayName: "Traffic Route",
    pluralDisplayName: "Traffic Routes",
    style: "legacy",
    policy: { isTargetRef: false },
    schema: trafficRouteSchema,
    validate: validateTrafficRoute,
    example: `type: TrafficRoute
mesh: default
name: orders-canary
sources:
  - match:
      kuma.io/service: "*"
destinations:
  - match:
      kuma.io/service: orders
conf:
  split:
    - weight: 90
      destination:
        kuma.io/service: orders
        version: v1
    - weight: 10
      destination:
        kuma.io/service: orders
        version: v2
`,
  },
  apply: { planOutbound: planByTrafficRoute },
  outboundReach: destinationReach,
  destinations: trafficRouteDestinations,
});
