import { labelNames, type Resource, type Tags, type TargetRef, tagNames } from "@meridian/model";
import { fitsTags } from "./selectors.ts";
import { refTags } from "./target-ref.ts";

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
export function concerns(ref: TargetRef, outbound: Destination): boolean {
  if (ref.kind === "Mesh") return true;
  if (outbound.resource) return namesResource(ref, outbound.resource, outbound.port);
  const tags = refTags(ref);
  return tags !== undefined && fitsTags(tags, { ...outbound.tags, [tagNames.service]: outbound.service });
}

/** A real resource by its name, as its user called it, or by labels; `sectionName` narrows to one port. */
export function namesResource(ref: TargetRef, resource: Resource, port?: string): boolean {
  if (ref.kind !== resource.kind) return false;
  if (ref.sectionName && port !== undefined && ref.sectionName !== port) return false;
  if (ref.labels && Object.keys(ref.labels).length > 0)
    return fitsTags(ref.labels, { [labelNames.displayName]: resource.name, ...resource.labels });
  if (ref.namespace && ref.namespace !== resource.labels[labelNames.namespace]) return false;
  return ref.name !== undefined && [resource.name, resource.labels[labelNames.displayName]].includes(ref.name);
}
