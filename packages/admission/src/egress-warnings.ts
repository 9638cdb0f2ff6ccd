import type { DataplaneSpec, MeshSpec, ResourceInput } from "@meridian/model";
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
  const hasCa = mtls?.enabledBackend || (await view.resultingAll("MeshIdentity", mesh?.name ?? "")).length > 0;
  const isUnsafe = kind === "MeshExternalService" && !hasCa;
  const isMissing = (await view.resultingAll("ZoneEgress", "")).length === 0;
  const what = kind === "Mesh" ? `nothing of mesh "${name}" leaves its zone` : `nobody can reach ${kind} "${name}"`;
  return [
    ...(isUnsafe
      ? [`mesh "${mesh?.name}" has neither mTLS nor a MeshIdentity, without which nobody can reach ${kind} "${name}"`]
      : []),
    ...(isMissing ? [`no zone has an egress yet: until one runs, ${what}`] : []),
  ];
}

/** Listeners of a data plane that nobody serves: egresses are proxies of their own, for all meshes of a zone. */
export function listenerWarnings({ networking }: DataplaneSpec): readonly string[] {
  return (networking.listeners ?? []).flatMap(({ type }, index) =>
    type === "ZoneEgress"
      ? [
          `networking.listeners[${index}] is not served: what leaves the mesh passes a zone egress, which is run with --proxy-type egress`,
        ]
      : [],
  );
}
