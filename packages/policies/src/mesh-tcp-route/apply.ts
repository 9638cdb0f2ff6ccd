import { compareText, keyText, type Resource, type Tags } from "@meridian/model";
import type { OutboundPlanInput } from "../core/inputs.ts";
import { mergeConfs } from "../core/merge.ts";
import { orderToItems } from "../core/policy-order.ts";
import { isHttpFamily } from "../core/protocol.ts";
import { catchAllEntry, distinctDestinations, distinctTagSets } from "../core/route.ts";
import { selectsProxy } from "../core/target-ref.ts";
import type { RoutePlan } from "../core/types.ts";
import { planByMeshHttpRoute } from "../mesh-http-route/apply.ts";
import { backendTags, leadsTo, missingNote, resolveRefs } from "../mesh-http-route/backends.ts";
import { ownedConf } from "./owned-conf.ts";
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
  const items = orderToItems(policies).filter(({ ref }) => leadsTo(ref, outbound));
  if (items.length === 0) return undefined;
  if (isHttpFamily(outbound.protocol) && planByMeshHttpRoute(input)) return undefined;
  const rules = items.flatMap(({ item, policy }) => item.rules.map((rule) => ownedConf(rule, policy)));
  const conf = mergeConfs(rules.map((rule) => rule.conf));
  const { destinations, idle, problems } = resolveRefs(conf?.backendRefs, input, "tcp");
  const naming = rules.findLast((rule) => rule.conf.backendRefs)?.policy ?? "";
  return {
    entries: [catchAllEntry(destinations)],
    ...(idle.length > 0 && { idle: distinctDestinations(idle) }),
    ...(isHttpFamily(outbound.protocol) && { protocol: "tcp" }),
    cluster: {},
    origins: [...new Set(items.map(({ policy }) => keyText(policy)))].sort(compareText),
    ...(problems.length > 0 && { notes: problems.map((problem) => missingNote(naming, problem)) }),
  };
}

/** Those of weight 0 included: the ingress has their filter chain ready before the weight goes up. */
export function meshTcpRouteDestinations(policy: Resource<MeshTcpRouteSpec>): readonly Tags[] {
  const refs = (policy.spec.to ?? []).flatMap(({ rules }) => rules.flatMap((rule) => rule.default.backendRefs ?? []));
  return distinctTagSets(refs.map(backendTags).filter((tags) => tags !== undefined));
}
