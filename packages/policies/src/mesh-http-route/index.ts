import { fillDefaults } from "@meridian/model";
import { definePolicy } from "../core/define-policy.ts";
import { toReach } from "../core/reach.ts";
import { topLevelWarnings } from "../core/validate-target-ref.ts";
import { meshHttpRouteDestinations, planByMeshHttpRoute } from "./apply.ts";
import { planListenerByMeshHttpRoute } from "./listener.ts";
import { type MeshHttpRouteSpec, meshHttpRouteSchema } from "./schema.ts";
import { validateMeshHttpRoute } from "./validate.ts";

export const meshHttpRoute = definePolicy<MeshHttpRouteSpec>({
  order: 100,
  definition: {
    kind: "MeshHTTPRoute",
    path: "meshhttproutes",
    shortName: "mhttpr",
    singularDisplayName: "Mesh HTTP Route",
    pluralDisplayName: "Mesh HTTP Routes",
    style: "spec",
    policy: { isTargetRef: true, hasTo: true },
    schema: meshHttpRouteSchema,
    validate: validateMeshHttpRoute,
    normalise: (spec) => fillDefaults(meshHttpRouteSchema, spec),
    warnings: ({ targetRef }) => topLevelWarnings(targetRef),
    example: `type: MeshHTTPRoute
mesh: default
name: orders-canary
spec:
  targetRef:
    kind: Mesh
  to:
    - targetRef:
        kind: MeshService
        name: orders
      rules:
        - matches:
            - path:
                type: PathPrefix
                value: /v2
          default:
            filters:
              - type: RequestHeaderModifier
                requestHeaderModifier:
                  set:
                    - name: x-canary
                      value: "true"
            backendRefs:
              - kind: MeshServiceSubset
                name: orders
                tags:
                  version: v1
                weight: 90
              - kind: MeshServiceSubset
                name: orders
                tags:
                  version: v2
                weight: 10
`,
  },
  apply: { planOutbound: planByMeshHttpRoute, planListener: planListenerByMeshHttpRoute },
  outboundReach: toReach,
  destinations: meshHttpRouteDestinations,
});
