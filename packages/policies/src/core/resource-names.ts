import { labelNames, type Resource, type TargetRef } from "@meridian/model";
import { fitsTags } from "./selectors.ts";

/** A real resource by its name, as its user called it, or by labels; `sectionName` narrows to one port. */
export function namesResource(ref: TargetRef, resource: Resource, port?: string): boolean {
  if (ref.kind !== resource.kind) return false;
  if (ref.sectionName && port !== undefined && ref.sectionName !== port) return false;
  if (ref.labels && Object.keys(ref.labels).length > 0)
    return fitsTags(ref.labels, { [labelNames.displayName]: resource.name, ...resource.labels });
  if (ref.namespace && ref.namespace !== resource.labels[labelNames.namespace]) return false;
  return ref.name !== undefined && [resource.name, resource.labels[labelNames.displayName]].includes(ref.name);
}
