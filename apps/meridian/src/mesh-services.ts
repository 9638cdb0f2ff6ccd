import type { Admission } from "@meridian/admission";
import type { Clock, Logger } from "@meridian/base";
import { type InsightFeed, Reconciler, type ReconcilerOptions } from "@meridian/reconcile";
import type { Store } from "@meridian/store";

export interface MeshServicesOptions {
  readonly store: Store;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ZoneServicesOptions extends MeshServicesOptions {
  readonly zone: string;
  readonly insights: InsightFeed;
  readonly graceMs: number;
  readonly names: NonNullable<ReconcilerOptions["names"]>;
  readonly vipNetworks: NonNullable<ReconcilerOptions["vipNetworks"]>;
}

/** MeshServices of the zone's data planes, addresses and host names of all services that the zone sees. */
export function zoneServices({ zone, ...options }: ZoneServicesOptions): Reconciler {
  return new Reconciler({ ...options, place: { role: "zone", zone, env: "universal" } });
}

/** Which MeshServices stand behind each MeshMultiZoneService. */
export function globalServices(options: MeshServicesOptions): Reconciler {
  return new Reconciler({ ...options, place: { role: "global" } });
}
