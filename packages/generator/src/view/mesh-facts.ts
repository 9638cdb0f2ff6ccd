import { canonicalJson, enabledCaBackend, type MeshSpec, type Resource } from "@meridian/model";

/** What a Mesh says about configs. */
export interface MeshFacts {
  readonly name: string;
  /** Absent: mTLS is off. */
  readonly mtls?: { readonly backend: string; readonly mode: "STRICT" | "PERMISSIVE" };
  /** What leaves the zone or the mesh passes the zone's egress; without mTLS nobody could tell it where to. */
  readonly leavesByEgress: boolean;
  /** The egress of the zone has all that is needed for that: also while clients do not send anything there yet, or any more. */
  readonly servedByEgress: boolean;
  /** Endpoints of the own zone first. */
  readonly prefersLocalZone: boolean;
  /** Backends and settings that policies refer to; without `constraints`, which shape no config. */
  readonly settings: MeshSpec;
  /** Tells `settings`: text comparison instead of a deep one. */
  readonly settingsText: string;
}

/**
 * Marks a Mesh in the view that is between two states of `routing.zoneEgress`: egresses serve it as if that were on, and clients do as
 * if it were off. Nobody writes it into a store.
 */
export const egressHandoverLabel = "meridian.io/egress-handover";

/** What the spec says of its own: whether traffic passes egresses as soon as these are ready for it. */
export function wantsEgress(spec: MeshSpec): boolean {
  return enabledCaBackend(spec) !== undefined && spec.routing?.zoneEgress === true;
}

export function meshFacts(resource: Resource<MeshSpec>): MeshFacts {
  const { routing } = resource.spec;
  const backend = enabledCaBackend(resource.spec);
  const wanted = wantsEgress(resource.spec);
  const isHandover = resource.labels[egressHandoverLabel] !== undefined;
  const { constraints: _, ...settings } = resource.spec;
  return {
    name: resource.name,
    ...(backend && { mtls: { backend: backend.name, mode: backend.mode ?? "STRICT" } }),
    leavesByEgress: wanted && !isHandover,
    servedByEgress: wanted || (isHandover && backend !== undefined),
    prefersLocalZone: routing?.localityAwareLoadBalancing === true,
    settings,
    settingsText: canonicalJson(settings),
  };
}

export function sameMeshFacts(a: MeshFacts | undefined, b: MeshFacts | undefined): boolean {
  return (
    a?.settingsText === b?.settingsText && a?.leavesByEgress === b?.leavesByEgress && a?.servedByEgress === b?.servedByEgress
  );
}
