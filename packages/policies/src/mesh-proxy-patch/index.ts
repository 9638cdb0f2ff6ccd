import { definePolicy } from "../core/define-policy.ts";
import { topLevelWarnings } from "../core/validate-target-ref.ts";
import { meshProxyPatchApply } from "./apply.ts";
import { type MeshProxyPatchSpec, meshProxyPatchSchema } from "./schema.ts";
import { validateMeshProxyPatch } from "./validate.ts";

export const meshProxyPatch = definePolicy<MeshProxyPatchSpec>({
  order: 9999,
  definition: {
    kind: "MeshProxyPatch",
    path: "meshproxypatches",
    shortName: "mpp",
    singularDisplayName: "Mesh Proxy Patch",
    pluralDisplayName: "Mesh Proxy Patches",
    style: "spec",
    policy: { isTargetRef: true },
    schema: meshProxyPatchSchema,
    validate: validateMeshProxyPatch,
    warnings: ({ targetRef }) => topLevelWarnings(targetRef),
    example: `type: MeshProxyPatch
mesh: default
name: web-timeouts
spec:
  targetRef:
    kind: Dataplane
    labels:
      app: web
  default:
    appendModifications:
      - cluster:
          operation: Patch
          match:
            origin: outbound
          value: |
            connectTimeout: 3s
      - httpFilter:
          operation: AddBefore
          match:
            name: envoy.filters.http.router
            origin: inbound
          value: |
            name: envoy.filters.http.buffer
            typedConfig:
              '@type': type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer
              maxRequestBytes: 65536
`,
  },
  apply: meshProxyPatchApply,
  outboundReach: () => ({ services: "any" }),
});
