import { type Tags, tagNames } from "@meridian/model";

/** Where a view knows what some tags lead to. */
export interface ServicePlace {
  readonly mesh: string;
  /** As the view calls it. */
  readonly service: string;
}

/**
 * What other meshes reach of a mesh are its gateways, which nobody within reaches. A view knows them, beside the service of their tag, as a
 * service of a name that no value of a tag can be.
 */
export function crossMeshName(service: string): string {
  return `${service}${mark}`;
}

const mark = "@";

export function isCrossMeshName(service: string): boolean {
  return service.endsWith(mark);
}

/** @param mesh of the client */
export function placeOf(mesh: string, tags: Tags): ServicePlace {
  const service = tags[tagNames.service] ?? "";
  const other = tags[tagNames.mesh];
  return other === undefined || other === mesh ? { mesh, service } : { mesh: other, service: crossMeshName(service) };
}

/**
 * The tags that clients ask with, and endpoints have.
 * @param tags `kuma.io/service` is as the view calls it.
 */
export function askedTags(mesh: string, tags: Tags): Tags {
  const service = tags[tagNames.service] ?? "";
  return isCrossMeshName(service) ? { ...tags, [tagNames.service]: service.slice(0, -mark.length), [tagNames.mesh]: mesh } : tags;
}
