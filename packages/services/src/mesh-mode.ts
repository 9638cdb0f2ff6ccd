import type { MeshSpec } from "@meridian/model";

export type MeshServicesMode = "Disabled" | "Everywhere" | "ReachableBackends" | "Exclusive";

/** `meshServices.mode` of a mesh: how MeshServices are made and used (reference: multizone.md section 7). */
export function meshServicesMode(mesh: Pick<MeshSpec, "meshServices"> | undefined): MeshServicesMode {
  return mesh?.meshServices?.mode ?? "Disabled";
}

/** Whether a zone makes MeshServices of the services of its data planes. */
export function makesMeshServices(mesh: Pick<MeshSpec, "meshServices"> | undefined): boolean {
  return meshServicesMode(mesh) !== "Disabled";
}
