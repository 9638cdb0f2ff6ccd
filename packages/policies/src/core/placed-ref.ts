import { defaultNamespace, labelNames, type Resource } from "@meridian/model";

/** Where a policy was written: names in it mean what is there. Absent parts: for every zone, for every namespace. */
export interface RefHome {
  readonly zone?: string;
  readonly namespace?: string;
}

export type Placed<Ref> = Ref & { readonly home?: RefHome };

const placedKinds: readonly string[] = ["MeshService", "MeshExternalService", "MeshMultiZoneService"];

/**
 * A reference as its policy means it: a policy of one zone that goes to others, too, is about the services of its own zone wherever it
 * comes to, and a policy of one namespace about those of its namespace (reference: policies-envoy.md 2.2).
 */
export function placedRef<Ref extends { readonly kind: string; readonly name?: string | undefined }>(
  ref: Ref,
  { labels }: Pick<Resource, "labels">,
): Placed<Ref> {
  const zone = labels[labelNames.zone];
  const namespace = labels[labelNames.namespace];
  const isOfNamespace = namespace !== undefined && namespace !== defaultNamespace;
  if (!ref.name || !placedKinds.includes(ref.kind) || (!zone && !isOfNamespace)) return ref;
  return { ...ref, home: { ...(zone && { zone }), ...(isOfNamespace && { namespace }) } };
}

/** Whether a resource is where a reference looks for names. What belongs to no zone, or to no namespace, is in all of them. */
export function isAtHome(home: RefHome | undefined, { labels }: Pick<Resource, "labels">): boolean {
  return fits(home?.zone, labels[labelNames.zone]) && fits(home?.namespace, labels[labelNames.namespace]);
}

function fits(wanted: string | undefined, actual: string | undefined): boolean {
  return !wanted || !actual || wanted === actual;
}
