import { type Resource, type Tags, type TargetRef, tagNames } from "@meridian/model";
import type { Placed } from "./placed-ref.ts";
import { namesResource } from "./resource-names.ts";
import { fitsTags } from "./selectors.ts";
import { refTags } from "./target-ref.ts";

export { namesResource } from "./resource-names.ts";

/** Where an outbound leads, as far as `to` references can tell destinations apart: an `OutboundSubject` is one. */
export interface Destination {
  readonly tags: Tags;
  readonly service: string;
  /** MeshService, MeshExternalService or MeshMultiZoneService; absent for destinations known by tag only. */
  readonly resource?: Resource;
  /** Its port, by the name that `sectionName` means. */
  readonly port?: string;
}

/** Whether a `to` reference names the outbound's destination, or every one. */
export function concerns(ref: Placed<TargetRef>, outbound: Destination): boolean {
  if (ref.kind === "Mesh") return true;
  if (outbound.resource) return namesResource(ref, outbound.resource, outbound.port);
  const tags = refTags(ref);
  return tags !== undefined && fitsTags(tags, { ...outbound.tags, [tagNames.service]: outbound.service });
}
