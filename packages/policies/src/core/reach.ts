import { compareText, type Resource, type TargetRef, tagNames } from "@meridian/model";
import type { PolicyReach } from "./inputs.ts";
import type { SourceDestinationSpec } from "./legacy-selection.ts";
import { refTags, type TargetRefSpec, topLevelRef } from "./target-ref.ts";

/** Services, or "any" as soon as one of the names is unknown. */
export function reachOf(services: readonly (string | undefined)[]): PolicyReach {
  const known = services.filter((service): service is string => service !== undefined && service !== "*");
  if (known.length < services.length) return { services: "any" };
  return { services: [...new Set(known)].sort(compareText) };
}

/** The services that the destination selectors of a source/destination policy name. */
export function destinationReach(policy: Resource<SourceDestinationSpec>): PolicyReach {
  return reachOf((policy.spec.destinations ?? []).map(({ match }) => match?.[tagNames.service]));
}

/** The services whose inbounds the top-level reference selects. */
export function topLevelReach(policy: Resource<TargetRefSpec>): PolicyReach {
  return reachOf([refTags(topLevelRef(policy.spec))?.[tagNames.service]]);
}

/** The services that `to` entries name; a real resource counts by its name. */
export function toReach(
  policy: Resource<TargetRefSpec & { readonly to?: readonly { readonly targetRef: TargetRef }[] }>,
): PolicyReach {
  return reachOf((policy.spec.to ?? []).map(({ targetRef }) => namedService(targetRef)));
}

export function defaultOutboundReach(isTargetRef: boolean): (policy: Resource) => PolicyReach {
  return (isTargetRef ? toReach : destinationReach) as (policy: Resource) => PolicyReach;
}

export function defaultInboundReach(isTargetRef: boolean): (policy: Resource) => PolicyReach {
  return (isTargetRef ? inboundPolicyReachOf : destinationReach) as (policy: Resource) => PolicyReach;
}

/** A policy that only says something of outbounds concerns no inbound, whichever proxies it selects. */
function inboundPolicyReachOf(
  policy: Resource<TargetRefSpec & { readonly [list in "to" | "from" | "rules"]?: readonly unknown[] }>,
) {
  const { to = [], from = [], rules = [] } = policy.spec;
  return to.length > 0 && from.length === 0 && rules.length === 0 ? reachOf([]) : topLevelReach(policy);
}

/** Undefined where only a look at resources or routes could tell. */
function namedService(ref: TargetRef): string | undefined {
  if (ref.kind === "Mesh" || ref.kind === "MeshHTTPRoute") return undefined;
  return refTags(ref)?.[tagNames.service] ?? ref.name;
}
