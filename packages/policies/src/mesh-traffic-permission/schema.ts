import { type SpecOf, stringEnum, targetRefSchema } from "@meridian/model";
import { Type } from "@sinclair/typebox";
import { peerMatchSchema } from "../core/fragments/peer-match.ts";

const fromSchema = Type.Object({
  targetRef: targetRefSchema,
  default: Type.Object({
    action: stringEnum(["Allow", "Deny", "AllowWithShadowDeny"], { description: "What happens to these clients." }),
  }),
});

const ruleSchema = Type.Object({
  default: Type.Object(
    {
      deny: Type.Optional(Type.Array(peerMatchSchema, { description: "Never allowed, whatever else says so." })),
      allow: Type.Optional(Type.Array(peerMatchSchema, { description: "Allowed." })),
      allowWithShadowDeny: Type.Optional(
        Type.Array(peerMatchSchema, { description: "Allowed, but counted and logged as if denied." }),
      ),
    },
    { description: "At least one of deny, allow, allowWithShadowDeny." },
  ),
});

export const meshTrafficPermissionSchema = Type.Object({
  targetRef: Type.Optional(targetRefSchema),
  from: Type.Optional(Type.Array(fromSchema, { description: "Clients, by their tags." })),
  rules: Type.Optional(Type.Array(ruleSchema, { description: "Clients, by their SPIFFE id." })),
});

export type MeshTrafficPermissionSpec = SpecOf<typeof meshTrafficPermissionSchema>;
export type Action = MeshTrafficPermissionSpec["from"] extends readonly (infer Item)[] | undefined
  ? Item extends { readonly default: { readonly action: infer Value } }
    ? Value
    : never
  : never;
