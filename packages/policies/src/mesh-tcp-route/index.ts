import { fillDefaults } from "@meridian/model";
import { definePolicy } from "../core/define-policy.ts";
import { toReach } from "../core/reach.ts";
import { topLevelWarnings } from "../core/validate-target-ref.ts";
import { meshTcpRouteDestinations, planByMeshTcpRoute } from "./apply.ts";
import { planListenerByMeshTcpRoute } from "./listener.ts";
import { type MeshTcpRouteSpec, meshTcpRouteSchema } from "./schema.ts";
import { validateMeshTcpRoute } from "./validate.ts";

export const meshTcpRoute = definePolicy<MeshTcpRouteSpec>({
  order: 200,
  definition: {
    kind: "MeshTCPRoute",
    path: "meshtcproutes",
    shortName: "mtcpr",
    singularDisplayName: "Mesh TCP Route",
    pluralDisplayName: "Mesh TCP Routes",
    style: "spec",
    policy: { isTargetRef: true, hasTo: true },
    schema: meshTcpRouteSchema,
    validate: validateMeshTcpRoute,
    normalise: (spec) => fillDefaults(meshTcpRouteSchema, spec),
    warnings: ({ targetRef }) => topLevelWarnings(targetRef),
    example: `type: MeshTCPRoute
mesh: default
name: database-canary
spec:
  targetRef:
    kind: Mesh
  to:
    - targetRef:
        kind: MeshService
        name: database
      rules:
        - default:
            backendRefs:
              - kind: MeshServiceSubset
                name: database
                tags:
                  version: v1
                weight: 90
              - kind: MeshServiceSubset
                name: database
                tags:
                  version: v2
                weight: 10
`,
  },
  apply: { planOutbound: planByMeshTcpRoute, planListener: planListenerByMeshTcpRoute },
  outboundReach: toReach,
  destinations: meshTcpRouteDestinations,
});
