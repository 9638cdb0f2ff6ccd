import { type SpecOf, targetRefSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { backendRefSchema } from "../core/fragments/backend-ref.ts";

const ruleSchema = Type.Object({
  default: Type.Object(
    { backendRefs: Type.Optional(Type.Array(backendRefSchema, { description: "Where connections go; at least one." })) },
    { description: "What happens to the connections." },
  ),
});

export const meshTcpRouteSchema = Type.Object({
  targetRef: Type.Optional(targetRefSchema),
  to: Type.Optional(
    Type.Array(
      Type.Object({
        targetRef: targetRefSchema,
        rules: Type.Array(ruleSchema, { maxItems: 1, description: "The route to the target." }),
      }),
      { minItems: 1, description: "Destinations whose connections are routed." },
    ),
  ),
});

export type MeshTcpRouteSpec = SpecOf<typeof meshTcpRouteSchema>;
