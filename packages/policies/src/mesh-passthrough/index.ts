import { fillDefaults } from "@meridian/model";
import { definePolicy } from "../core/define-policy.ts";
import { meshPassthroughProxy } from "./apply.ts";
import { type MeshPassthroughSpec, meshPassthroughSchema } from "./schema.ts";
import { modeWarnings, validateMeshPassthrough } from "./validate.ts";

export const meshPassthrough = definePolicy<MeshPassthroughSpec>({
  order: 500,
  definition: {
    kind: "MeshPassthrough",
    path: "meshpassthroughs",
    shortName: "mp",
    singularDisplayName: "Mesh Passthrough",
    pluralDisplayName: "Mesh Passthroughs",
    style: "spec",
    policy: { isTargetRef: true },
    schema: meshPassthroughSchema,
    validate: validateMeshPassthrough,
    normalise: (spec) => fillDefaults(meshPassthroughSchema, spec),
    warnings: modeWarnings,
    example: `type: MeshPassthrough
mesh: default
name: web-to-partners
spec:
  targetRef:
    kind: Dataplane
    labels:
      app: web
  default:
    passthroughMode: Matched
    appendMatch:
      - type: Domain
        value: "*.partner.example"
        protocol: tls
        port: 443
      - type: CIDR
        value: 10.42.0.0/16
        protocol: tcp
`,
  },
  apply: { proxy: meshPassthroughProxy },
});
