import { keyText, type MeshGatewaySpec, type Resource, type Tags } from "@meridian/model";
import { type PolicyNote, selectForProxy } from "@meridian/policies";
import type { MeshView } from "../view/mesh-view.ts";

export type MeshGateway = Resource<MeshGatewaySpec>;

/** The MeshGateway that a builtin gateway runs: the most specific one that selects it (reference: resources-legacy.md section 14). */
export function gatewayOf(view: MeshView, mesh: string, tags: Tags): MeshGateway | undefined {
  return selectForProxy([tags], gatewaysOf(view, mesh));
}

/** Others that select it too: they do nothing there, and whoever wrote them should know. */
export function gatewayNotes(view: MeshView, mesh: string, tags: Tags): readonly PolicyNote[] {
  const used = gatewayOf(view, mesh, tags);
  return gatewaysOf(view, mesh)
    .filter((gateway) => gateway !== used && selectForProxy([tags], [gateway]))
    .map((gateway) => ({ policy: keyText(gateway), message: `MeshGateway ${used?.name} is used instead: it is more specific` }));
}

function gatewaysOf(view: MeshView, mesh: string): readonly MeshGateway[] {
  return view.resources(mesh, "MeshGateway") as readonly MeshGateway[];
}
