import { compareText, type MeshSpec, type Resource } from "@meridian/model";

/** The resources of one mesh that answers are computed from. */
export interface MeshInventory {
  readonly mesh: Resource<MeshSpec>;
  /** Of one kind, sorted by name; empty for a kind that was not handed in. */
  readonly list: <Spec = unknown>(kind: string) => readonly Resource<Spec>[];
}

/** Resources of other meshes are left out. */
export function meshInventory(mesh: Resource<MeshSpec>, resources: Iterable<Resource>): MeshInventory {
  const byKind = new Map<string, Resource[]>();
  for (const resource of resources) {
    if (resource.mesh !== mesh.name) continue;
    const ofKind = byKind.get(resource.kind);
    if (ofKind) ofKind.push(resource);
    else byKind.set(resource.kind, [resource]);
  }
  for (const ofKind of byKind.values()) ofKind.sort((a, b) => compareText(a.name, b.name));
  return { mesh, list: <Spec>(kind: string) => (byKind.get(kind) ?? []) as readonly Resource<Spec>[] };
}
