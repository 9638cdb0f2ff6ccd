import type { RefHome } from "@meridian/policies";
import type { ReachableRef } from "@meridian/services";

/** How outbounds, routes and policies refer to a port of a MeshService, MeshExternalService or MeshMultiZoneService. */
export interface ServiceRef extends ReachableRef {
  /** Name of the port, instead of its number. */
  readonly sectionName?: string;
  /** Where it was written, if not here. */
  readonly home?: RefHome;
}
