import { at, type TargetRef, type TargetRefKind, type Violation } from "@meridian/model";
import { validateToIsSet } from "../core/fragments/policy-lists.ts";
import { validateExternalServiceScope, validateTopLevelRef } from "../core/fragments/target-items.ts";
import { destinationKindsWithRoute, topLevelKinds } from "../core/fragments/target-kinds.ts";
import { topLevelRef } from "../core/target-ref.ts";
import { validateTargetRef } from "../core/validate-target-ref.ts";
import { validateHashPolicies, validateLoadBalancer } from "./load-balancer.ts";
import { validateLocalityAwareness } from "./locality.ts";
import type { LoadBalancingConf, MeshLoadBalancingStrategySpec } from "./schema.ts";

/** Paths and texts: resources.md sections 6 and 7. */
export function validateMeshLoadBalancingStrategy(spec: MeshLoadBalancingStrategySpec): readonly Violation[] {
  const onGateway = topLevelRef(spec).kind === "MeshGateway";
  return [
    ...validateTopLevelRef(spec, topLevelKinds),
    ...validateToIsSet(spec),
    ...(spec.to ?? []).flatMap(({ targetRef, default: conf = {} }, index) => [
      ...validateDestination(`${at("spec.to", index)}.targetRef`, targetRef, { onGateway, conf }),
      ...validateConf(`${at("spec.to", index)}.default`, conf, targetRef),
    ]),
    ...validateExternalServiceScope(spec),
  ];
}

const gatewayKinds: readonly TargetRefKind[] = ["Mesh", "MeshService", "MeshMultiZoneService"];

/** A gateway shares its clusters among destinations, so there is one load balancer for all of them. */
function validateDestination(
  path: string,
  ref: TargetRef,
  { onGateway, conf }: { readonly onGateway: boolean; readonly conf: LoadBalancingConf },
): readonly Violation[] {
  if (onGateway && conf.loadBalancer && ref.kind !== "Mesh") {
    return [{ path: `${path}.kind`, message: "value is not supported, only Mesh is allowed if loadBalancer is set" }];
  }
  return validateTargetRef(path, ref, { kinds: onGateway ? gatewayKinds : destinationKindsWithRoute });
}

function validateConf(path: string, conf: LoadBalancingConf, to: TargetRef): readonly Violation[] {
  const { loadBalancer, localityAwareness, hashPolicies } = conf;
  if (to.kind === "MeshHTTPRoute") {
    const message = "field is not allowed when targetRef.kind is MeshHTTPRoute, only hashPolicies is supported";
    return [
      ...validateHashPolicies(`${path}.hashPolicies`, hashPolicies),
      ...(loadBalancer ? [{ path: `${path}.loadBalancer`, message }] : []),
      ...(localityAwareness ? [{ path: `${path}.localityAwareness`, message }] : []),
    ];
  }
  return [
    ...(loadBalancer ? validateLoadBalancer(`${path}.loadBalancer`, loadBalancer) : []),
    ...(localityAwareness ? validateLocalityAwareness(`${path}.localityAwareness`, localityAwareness, to) : []),
    ...validateHashPolicies(`${path}.hashPolicies`, hashPolicies),
    ...(hashPolicies ? refuseSecondList(`${path}.loadBalancer`, loadBalancer) : []),
  ];
}

function refuseSecondList(path: string, loadBalancer: LoadBalancingConf["loadBalancer"]): readonly Violation[] {
  const kinds = ["ringHash", "maglev"] as const;
  return kinds
    .filter((kind) => loadBalancer?.[kind]?.hashPolicies)
    .map((kind) => ({ path: `${path}.${kind}.hashPolicies`, message: "hashPolicies already specified in the root level" }));
}
