import { type KindRegistry, labelNames, type Resource } from "@meridian/model";
import { concerns, originOf, sentToZones } from "./to-zone.ts";

/**
 * A resource of the global as the store of one zone holds it, once everything has arrived; undefined when that zone has it not. What
 * the zone uploaded itself is there under its own name. Times and version stay the global's.
 */
export function seenInZone(resource: Resource, zone: string, kinds: KindRegistry): Resource | undefined {
  if (originOf(resource) === zone) return atHome(resource, kinds);
  const sent = sentToZones(resource, { kinds });
  return sent && concerns(sent.audience, zone) ? { ...resource, ...sent.copy } : undefined;
}

/** The reverse of `copyForGlobal`: without the suffix that made its name unique over zones. */
function atHome(resource: Resource, kinds: KindRegistry): Resource {
  const displayName = resource.labels[labelNames.displayName];
  const isRenamed = displayName !== undefined && kinds.get(resource.kind)?.sync.keepsName !== true;
  return isRenamed && resource.labels[labelNames.namespace] === undefined ? { ...resource, name: displayName } : resource;
}
