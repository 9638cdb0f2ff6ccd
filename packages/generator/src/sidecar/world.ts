import type { World } from "@meridian/policies";
import type { GenerationContext } from "../parts.ts";
import type { MeshFacts } from "../view/mesh-facts.ts";

/** What policies of a mesh may look at beside themselves. */
export function worldOf({ view }: GenerationContext, mesh: MeshFacts): World {
  return { name: mesh.name, zone: view.zone, mesh: mesh.settings, list: (kind) => view.resources(mesh.name, kind) };
}
