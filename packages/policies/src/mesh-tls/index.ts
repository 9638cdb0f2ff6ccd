import { fillDefaults } from "@meridian/model";
import { definePolicy } from "../core/define-policy.ts";
import { listWarnings } from "../core/fragments/policy-lists.ts";
import { meshTlsInbound, meshTlsOutbound } from "./apply.ts";
import { type MeshTlsSpec, meshTlsSchema } from "./schema.ts";
import { validateMeshTls } from "./validate.ts";

export const meshTls = definePolicy<MeshTlsSpec>({
  order: 300,
  definition: {
    kind: "MeshTLS",
    path: "meshtlses",
    shortName: "mtls",
    singularDisplayName: "Mesh TLS",
    pluralDisplayName: "Mesh TLSes",
    style: "spec",
    policy: { isTargetRef: true, hasFrom: true, hasRules: true, isFromAsRules: true },
    schema: meshTlsSchema,
    validate: validateMeshTls,
    normalise: (spec) => fillDefaults(meshTlsSchema, spec),
    warnings: listWarnings,
    example: `type: MeshTLS
mesh: default
name: modern-tls
spec:
  targetRef:
    kind: Mesh
  rules:
    - default:
        mode: Strict
        tlsVersion:
          min: TLS12
          max: TLS13
        tlsCiphers:
          - ECDHE-ECDSA-AES256-GCM-SHA384
          - ECDHE-RSA-AES256-GCM-SHA384
`,
  },
  apply: { inbound: meshTlsInbound, outbound: meshTlsOutbound },
  outboundReach: () => ({ services: "any" }),
});
