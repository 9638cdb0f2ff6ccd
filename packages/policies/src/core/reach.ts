import { compareText, type Resource, tagNames } from "@meridian/model";
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
