import { at } from "@meridian/model";
import { definePolicy } from "../core/define-policy.ts";
import { listWarnings } from "../core/fragments/policy-lists.ts";
import { rateLimitHooks } from "./apply.ts";
import { gatewayLimits } from "./gateway.ts";
import { type MeshRateLimitSpec, meshRateLimitSchema, type RateLimitConf } from "./schema.ts";
import { validateMeshRateLimit } from "./validate.ts";

export const meshRateLimit = definePolicy<MeshRateLimitSpec>({
  order: 900,
  definition: {
    kind: "MeshRateLimit",
    path: "meshratelimits",
    shortName: "mrl",
    singularDisplayName: "Mesh Rate Limit",
    pluralDisplayName: "Mesh Rate Limits",
    style: "spec",
    policy: { isTargetRef: true, hasTo: true, hasFrom: true, hasRules: true, isFromAsRules: true },
    schema: meshRateLimitSchema,
    validate: validateMeshRateLimit,
    warnings: (spec) => [...statusWarnings(spec), ...listWarnings(spec)],
    example: `type: MeshRateLimit
mesh: default
name: orders-limit
spec:
  targetRef:
    kind: Dataplane
    labels:
      app: orders
  rules:
    - default:
        local:
          http:
            requestRate:
              num: 100
              interval: 1s
            onRateLimit:
              status: 429
              headers:
                add:
                  - name: x-limited
                    value: "true"
`,
  },
  apply: { inbound: rateLimitHooks, gateway: gatewayLimits },
});

/** Envoy answers with a status below 400 as if nothing had been limited; the peer warns, and names it so. */
function statusWarnings(spec: MeshRateLimitSpec): readonly string[] {
  const lists = ["from", "rules", "to"] as const;
  return lists.flatMap((list) => {
    const items: readonly { readonly default?: RateLimitConf | undefined }[] = spec[list] ?? [];
    return items.flatMap((item, index) => {
      const status = item.default?.local?.http?.onRateLimit?.status;
      if (status === undefined || status >= 400) return [];
      const path = `${at(`spec.${list}`, index)}.default.local.http.onRateLimit.status`;
      return [`'${path}' must be 400 or higher. Please update your configuration.`];
    });
  });
}
