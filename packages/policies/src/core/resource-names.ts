import { labelNames, type Resource, type TargetRef } from "@meridian/model";
import { isAtHome, type Placed } from "./placed-ref.ts";
import { fitsTags } from "./selectors.ts";

/**
 * A real resource by its name, as its user called it and where the reference was written, or by labels; `sectionName` narrows to one
 * port.
 */
export function namesResource(ref: Placed<TargetRef>, resource: Resource, port?: string): boolean {
  if (ref.kind !== resource.kind) return false;
  if (ref.sectionName && port !== undefined && ref.sectionName !== port) return false;
  if (ref.labels && Object.keys(ref.labels).length > 0)
    return fitsTags(ref.labels, { [labelNames.displayName]: resource.name, ...resource.labels });
  if (ref.namespace && ref.namespace !== resource.labels[labelNames.namespace]) return false;
  const displayName = resource.labels[labelNames.displayName] ?? resource.name;
  return ref.name === displayName ? isAtHome(ref.home, resource) : ref.name === resource.name;
}
