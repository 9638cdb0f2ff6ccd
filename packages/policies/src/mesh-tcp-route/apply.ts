import { compareText, keyText, type Resource, type Tags, tagNames } from "@meridian/model";
import type { OutboundPlanInput, PolicyReach } from "../core/inputs.ts";
import { mergeConfs } from "../core/merge.ts";
import { orderToItems } from "../core/policy-order.ts";
import { isHttpFamily } from "../core/protocol.ts";
import { reachOf } from "../core/reach.ts";
import { catchAllEntry, distinctTagSets } from "../core/route.ts";
import { selectsProxy } from "../core/target-ref.ts";
import type { RoutePlan } from "../core/types.ts";
import { planByMeshHttpRoute } from "../mesh-http-route/apply.ts";
import { backendTags, destinationsOf, idleTags } from "../mesh-http-route/backends.ts";
import type { MeshTcpRouteSpec } from "./schema.ts";

/**
 * Where connections go. For a service that speaks HTTP only where no MeshHTTPRoute has a say: then it is treated as bytes
 * (reference: policies-envoy.md section 4). A route without rules leads back to the outbound's own destination.
 */
export function planByMeshTcpRoute(input: OutboundPlanInput): RoutePlan | undefined {
  const { subject, outbound } = input;
  const policies = (input.policiesOf("MeshTCPRoute") as readonly Resource<MeshTcpRouteSpec>[]).filter((policy) =>
    selectsProxy(policy, subject),
  );
  const items = orderToItems(policies).filter(({ ref }) => backendTags(ref)?.[tagNames.service] === outbound.service);
  if (items.length === 0) return undefined;
  if (isHttpFamily(outbound.protocol) && planByMeshHttpRoute(input)) return undefined;
  const conf = mergeConfs(items.flatMap(({ item }) => item.rules.map((rule) => rule.default)));
  const destinations = destinationsOf(conf?.backendRefs, outbound);
  const idle = distinctTagSets(idleTags(conf?.backendRefs));
  return {
    entries: [catchAllEntry(destinations)],
    ...(idle.length > 0 && { idle }),
    ...(isHttpFamily(outbound.protocol) && { protocol: "tcp" }),
    cluster: {},
    origins: [...new Set(items.map(({ policy }) => keyText(policy)))].sort(compareText),
  };
}

/** The services that `to` names; "any" for references that only a lookup could tell. */
export function meshTcpRouteReach(policy: Resource<MeshTcpRouteSpec>): PolicyReach {
  return reachOf((policy.spec.to ?? []).map(({ targetRef }) => backendTags(targetRef)?.[tagNames.service]));
}

/** Those of weight 0 included: the ingress has their filter chain ready before the weight goes up. */
export function meshTcpRouteDestinations(policy: Resource<MeshTcpRouteSpec>): readonly Tags[] {
  const refs = (policy.spec.to ?? []).flatMap(({ rules }) => rules.flatMap((rule) => rule.default.backendRefs ?? []));
  return distinctTagSets(refs.map(backendTags).filter((tags) => tags !== undefined));
}
