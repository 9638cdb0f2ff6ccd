import type { MeshMultiZoneServiceSpec } from "@meridian/model";
import { isBehind } from "@meridian/services";
import type { MeshView } from "./mesh-view.ts";
import { leadingTrait } from "./resolve-service.ts";
import type { ServiceFacts } from "./service-facts.ts";

/** The MeshServices behind a MeshMultiZoneService, sorted by name. */
export function joinedServices(view: MeshView, mesh: string, { resource }: ServiceFacts): readonly ServiceFacts[] {
  const spec = resource.spec as MeshMultiZoneServiceSpec;
  const trait = leadingTrait(spec.selector.meshService.matchLabels ?? {});
  if (trait === undefined) return [];
  return view.servicesHaving(mesh, "MeshService", trait).filter((service) => isBehind(service.resource, spec));
}
