import { Type } from "@sinclair/typebox";
import { base64Text, type SpecOf } from "../fragments.ts";
import type { KindDefinition } from "../kind.ts";

export const secretSchema = Type.Object({
  data: Type.Optional(base64Text("The secret itself, base64. Never logged; shown to administrators only.")),
});

export type SecretSpec = SpecOf<typeof secretSchema>;

/** A secret of one mesh: keys of its CA, of its tokens, certificates that policies use. */
export const secretKind: KindDefinition<SecretSpec> = {
  kind: "Secret",
  path: "secrets",
  singularDisplayName: "Secret",
  pluralDisplayName: "Secrets",
  scope: "mesh",
  style: "legacy",
  category: "secret",
  sync: { globalToZone: true, keepsName: true },
  includeInFederation: true,
  schema: secretSchema,
  example: `type: Secret
mesh: default
name: billing-ca
data: LS0tLS1CRUdJTi4uLg==
`,
};

/** A secret of the control plane: keys of zone tokens and of users' tokens. */
export const globalSecretKind: KindDefinition<SecretSpec> = {
  kind: "GlobalSecret",
  path: "globalsecrets",
  aliasPaths: ["global-secrets"],
  singularDisplayName: "Global Secret",
  pluralDisplayName: "Global Secrets",
  scope: "global",
  style: "legacy",
  category: "secret",
  sync: { globalToZone: true, keepsName: true },
  includeInFederation: true,
  schema: secretSchema,
  example: `type: GlobalSecret
name: partner-key
data: c2VjcmV0
`,
};
