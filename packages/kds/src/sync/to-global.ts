import type { KindDefinition, KindRegistry, ResourceInput, Violation } from "@meridian/model";
import { at, labelNames, syncedName } from "@meridian/model";
import { kdsSyncLabel } from "./to-zone.ts";

/** Whether a resource in a zone's store came from the global. */
export function isReplica(resource: Pick<ResourceInput, "labels">): boolean {
  return resource.labels[labelNames.origin] === "global";
}

/** Whether resources of this kind go from zones to the global's log. Insights go up too, but as status. */
export function isUploaded(kind: KindDefinition | undefined): kind is KindDefinition {
  return kind?.sync.zoneToGlobal === true && kind.category !== "insight";
}

/** A zone's own resource as the global keeps it; undefined when it stays in the zone (reference: multizone.md section 3). */
export function copyForGlobal(resource: ResourceInput, zone: string, kinds: KindRegistry): ResourceInput | undefined {
  const kind = kinds.get(resource.kind);
  if (!isUploaded(kind) || isReplica(resource) || resource.labels[kdsSyncLabel] === "disabled") return undefined;
  const namespace = resource.labels[labelNames.namespace];
  const displayName = (namespace && resource.labels[labelNames.displayName]) || resource.name;
  const { mesh, spec, status } = resource;
  return {
    kind: resource.kind,
    mesh,
    name: kind.sync.keepsName ? resource.name : syncedName(displayName, mesh, zone, namespace),
    labels: {
      ...resource.labels,
      [labelNames.origin]: "zone",
      [labelNames.zone]: zone,
      [labelNames.displayName]: displayName,
    },
    spec,
    ...(status !== undefined && { status }),
  };
}

/**
 * Whether an uploaded resource is one that this zone may own at the global. The name contains a hash of the zone's name, so what
 * passes cannot hit another zone's resource or one of the global.
 */
export function checkUpload(resource: ResourceInput, zone: string, kinds: KindRegistry): readonly Violation[] {
  const kind = kinds.get(resource.kind);
  if (!kind) return [{ path: "type", message: `the global does not know the kind "${resource.kind}": upgrade it` }];
  if (!isUploaded(kind)) return [{ path: "type", message: `${resource.kind} is not taken from zones` }];
  const violations: Violation[] = [];
  const { labels } = resource;
  const expected = { [labelNames.origin]: "zone", [labelNames.zone]: zone };
  for (const [label, value] of Object.entries(expected)) {
    if (labels[label] !== value) violations.push({ path: at("labels", label), message: `must be "${value}"` });
  }
  const displayName = labels[labelNames.displayName];
  if (!displayName) return [...violations, { path: at("labels", labelNames.displayName), message: "is missing" }];
  const name = syncedName(displayName, resource.mesh, zone, labels[labelNames.namespace]);
  if (!kind.sync.keepsName && resource.name !== name) violations.push({ path: "name", message: `must be "${name}"` });
  return violations;
}
