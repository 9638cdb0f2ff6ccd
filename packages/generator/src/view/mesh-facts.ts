import { canonicalJson, type MeshSpec, type Resource } from "@meridian/model";

/** What a Mesh says about configs. */
export interface MeshFacts {
  readonly name: string;
  /** Absent: mTLS is off. */
  readonly mtls?: { readonly backend: string; readonly mode: "STRICT" | "PERMISSIVE" };
  /** What leaves the zone or the mesh passes the zone's egress; without mTLS nobody could tell it where to. */
  readonly leavesByEgress: boolean;
  /** Endpoints of the own zone first. */
  readonly prefersLocalZone: boolean;
  /** Backends and settings that policies refer to; without `constraints`, which shape no config. */
  readonly settings: MeshSpec;
  /** Tells `settings`: text comparison instead of a deep one. */
  readonly settingsText: string;
}

/** An `enabledBackend` without such a backend is refused on write; here it counts as no mTLS, as for the peer. */
export function meshFacts(resource: Resource<MeshSpec>): MeshFacts {
  const { mtls, routing } = resource.spec;
  const enabled = mtls?.enabledBackend;
  const backend = enabled ? mtls.backends?.find(({ name }) => name === enabled) : undefined;
  const { constraints: _, ...settings } = resource.spec;
  return {
    name: resource.name,
    ...(backend && { mtls: { backend: backend.name, mode: backend.mode ?? "STRICT" } }),
    leavesByEgress: backend !== undefined && routing?.zoneEgress === true,
    prefersLocalZone: routing?.localityAwareLoadBalancing === true,
    settings,
    settingsText: canonicalJson(settings),
  };
}

export function sameMeshFacts(a: MeshFacts | undefined, b: MeshFacts | undefined): boolean {
  return a?.settingsText === b?.settingsText;
}
