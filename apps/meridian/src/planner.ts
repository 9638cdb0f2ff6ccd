import { Planner } from "@meridian/plan";
import type { ResourceReader } from "@meridian/store";
import { allZones, ownZone } from "./known-zones.ts";

/** Plans for all zones. */
export function globalPlanner(store: ResourceReader): Planner {
  return new Planner({ store, ...allZones });
}

/** Plans for the zone itself. */
export function zonePlanner(store: ResourceReader, zone: string): Planner {
  return new Planner({ store, ...ownZone(zone) });
}
