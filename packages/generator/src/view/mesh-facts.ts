import type { MeshSpec, Resource } from "@meridian/model";

/** What a Mesh says about configs. */
export interface MeshFacts {
  readonly name: string;
  /** Absent: mTLS is off. */
  readonly mtls?: { readonly backend: string; readonly mode: "STRICT" | "PERMISSIVE" };
  /** Endpoints of the own zone first. */
  readonly prefersLocalZone: boolean;
}

/** An `enabledBackend` without such a backend is refused on write; here it counts as no mTLS, as for the peer. */
export function meshFacts(resource: Resource<MeshSpec>): MeshFacts {
  const { mtls, routing } = resource.spec;
  const enabled = mtls?.enabledBackend;
  const backend = enabled ? mtls.backends?.find(({ name }) => name === enabled) : undefined;
  return {
    name: resource.name,
    ...(backend && { mtls: { backend: backend.name, mode: backend.mode ?? "STRICT" } }),
    prefersLocalZone: routing?.localityAwareLoadBalancing === true,
  };
}

export function sameMeshFacts(a: MeshFacts | undefined, b: MeshFacts | undefined): boolean {
  return (
    a?.mtls?.backend === b?.mtls?.backend &&
    a?.mtls?.mode === b?.mtls?.mode &&
    a?.prefersLocalZone === b?.prefersLocalZone &&
    (a === undefined) === (b === undefined)
  );
}
