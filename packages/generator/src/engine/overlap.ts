import type { EncodedResource, ProxyPatch, ProxyResources, ResourceName } from "@meridian/envoy";
import type { OwnConfig } from "../parts.ts";

type Sources = readonly ProxyResources[];

/*
 * A few resources a proxy may have twice, for itself and from its profile: the cluster of a collector to which its inbounds and
 * outbounds send alike. Equal names mean equal content there, so one of them is enough, and it goes when neither is left.
 */

/** The joined steps of both sources without what the other one has already, or has still. */
export function withoutOverlap({ changed, removed }: ProxyPatch, before: Sources, after: Sources): ProxyPatch {
  const find = (sources: Sources, { typeUrl, name }: ResourceName): EncodedResource | undefined =>
    sources.map((resources) => resources.get(typeUrl)?.get(name)).find((found) => found !== undefined);
  return {
    changed: distinct(changed).filter((resource) => find(before, resource)?.version !== resource.version),
    removed: distinct(removed).filter((name) => !find(after, name)),
  };
}

/** Whether a proxy has something for itself that a step of its profile is about. */
export function overlaps({ changed, removed }: ProxyPatch): (own: OwnConfig) => boolean {
  const names = new Set([...changed, ...removed].map(nameText));
  return ({ resources }) => resources.some((resource) => names.has(nameText(resource)));
}

function distinct<Named extends ResourceName>(resources: readonly Named[]): readonly Named[] {
  return [...new Map(resources.map((resource) => [nameText(resource), resource])).values()];
}

function nameText({ typeUrl, name }: ResourceName): string {
  return `${typeUrl} ${name}`;
}
