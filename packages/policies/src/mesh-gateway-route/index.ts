import { definePolicy } from "../core/define-policy.ts";
import { meshGatewayRouteDestinations, planListenerByMeshGatewayRoute } from "./apply.ts";
import { type MeshGatewayRouteSpec, meshGatewayRouteSchema } from "./schema.ts";
import { validateMeshGatewayRoute } from "./validate.ts";
import { meshGatewayRouteWarnings } from "./warnings.ts";

export const meshGatewayRoute = definePolicy<MeshGatewayRouteSpec>({
  order: 70,
  definition: {
    kind: "MeshGatewayRoute",
    path: "meshgatewayroutes",
    singularDisplayName: "Mesh Gateway Route",
    pluralDisplayName: "Mesh Gateway Routes",
    style: "legacy",
    policy: { isTargetRef: false },
    schema: meshGatewayRouteSchema,
    validate: validateMeshGatewayRoute,
    warnings: meshGatewayRouteWarnings,
    example: `type: MeshGatewayRoute
mesh: default
name: shop-routes
selectors:
  - match:
      kuma.io/service: edge
      door: plain
conf:
  http:
    hostnames:
      - www.shop.example
    rules:
      - matches:
          - path:
              match: PREFIX
              value: /api
            headers:
              - match: PRESENT
                name: x-tenant
        filters:
          - rewrite:
              replacePrefixMatch: /
          - requestHeader:
              set:
                - name: x-edge
                  value: "1"
        backends:
          - weight: 80
            destination:
              kuma.io/service: orders
          - weight: 20
            destination:
              kuma.io/service: orders-next
      - matches:
          - path:
              match: EXACT
              value: /old
        filters:
          - redirect:
              scheme: https
              hostname: shop.example
              port: 443
              statusCode: 301
`,
  },
  apply: { planListener: planListenerByMeshGatewayRoute },
  destinations: meshGatewayRouteDestinations,
});
