import { at } from "@meridian/model";
import { definePolicy } from "../core/define-policy.ts";
import { topLevelWarnings } from "../core/validate-target-ref.ts";
import { affinityTraits, loadBalancingHooks } from "./apply.ts";
import { sourceIpWarnings } from "./load-balancer.ts";
import { type MeshLoadBalancingStrategySpec, meshLoadBalancingStrategySchema } from "./schema.ts";
import { validateMeshLoadBalancingStrategy } from "./validate.ts";

export const meshLoadBalancingStrategy = definePolicy<MeshLoadBalancingStrategySpec>({
  order: 400,
  definition: {
    kind: "MeshLoadBalancingStrategy",
    path: "meshloadbalancingstrategies",
    shortName: "mlbs",
    singularDisplayName: "Mesh Load Balancing Strategy",
    pluralDisplayName: "Mesh Load Balancing Strategies",
    style: "spec",
    policy: { isTargetRef: true, hasTo: true },
    schema: meshLoadBalancingStrategySchema,
    validate: validateMeshLoadBalancingStrategy,
    warnings: ({ targetRef, to = [] }) => [...hashWarnings(to), ...topLevelWarnings(targetRef)],
    example: `type: MeshLoadBalancingStrategy
mesh: default
name: orders-near
spec:
  targetRef:
    kind: Mesh
  to:
    - targetRef:
        kind: MeshService
        name: orders
      default:
        loadBalancer:
          type: RingHash
          ringHash:
            hashFunction: MurmurHash2
        hashPolicies:
          - type: Header
            header:
              name: x-user
        localityAwareness:
          localZone:
            affinityTags:
              - key: rack
          crossZone:
            failover:
              - from:
                  zones: [east]
                to:
                  type: Only
                  zones: [west]
              - to:
                  type: Any
            failoverThreshold:
              percentage: 70
`,
  },
  apply: { outbound: loadBalancingHooks },
  clientTraits: affinityTraits,
});

function hashWarnings(to: NonNullable<MeshLoadBalancingStrategySpec["to"]>): readonly string[] {
  return to.flatMap(({ default: conf = {} }, index) => {
    const path = `${at("spec.to", index)}.default`;
    return [
      ...sourceIpWarnings(`${path}.hashPolicies`, conf.hashPolicies),
      ...sourceIpWarnings(`${path}.loadBalancer.ringHash.hashPolicies`, conf.loadBalancer?.ringHash?.hashPolicies),
      ...sourceIpWarnings(`${path}.loadBalancer.maglev.hashPolicies`, conf.loadBalancer?.maglev?.hashPolicies),
    ];
  });
}
