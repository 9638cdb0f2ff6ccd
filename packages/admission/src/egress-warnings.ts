import type { MeshSpec, ResourceInput } from "@meridian/model";
import type { BatchView } from "./batch-view.ts";

/** What a zone egress is missing for, so that whoever writes it hears it at once. @param mesh after the batch. */
export async function egressWarnings(
  { kind, name, spec }: ResourceInput,
  mesh: ResourceInput<MeshSpec> | undefined,
  view: BatchView,
): Promise<readonly string[]> {
  const { mtls, routing } = kind === "Mesh" ? (spec as MeshSpec) : (mesh?.spec ?? {});
  const needsEgress = kind === "MeshExternalService" || routing?.zoneEgress === true;
  if (!needsEgress) return [];
  const isUnsafe = kind === "MeshExternalService" && !mtls?.enabledBackend;
  const isMissing = (await view.resultingAll("ZoneEgress", "")).length === 0;
  const what = kind === "Mesh" ? `nothing of mesh "${name}" leaves its zone` : `nobody can reach ${kind} "${name}"`;
  return [
    ...(isUnsafe ? [`mesh "${mesh?.name}" has no mTLS, without which nobody can reach ${kind} "${name}"`] : []),
    ...(isMissing ? [`no zone has an egress yet: until one runs, ${what}`] : []),
  ];
}
