import { seenInZone } from "@meridian/kds";
import { Planner } from "@meridian/plan";
import type { ResourceReader } from "@meridian/store";
import { configKinds, kinds } from "./kinds.ts";

/** Kinds that plans look at: secrets shape no config, and need not be held twice. */
const planKinds = configKinds.filter((kind) => kinds.get(kind)?.category !== "secret");

/** Plans for every zone that is not switched off, each as it is once everything has arrived there. */
export function globalPlanner(store: ResourceReader): Planner {
  return new Planner({
    store,
    kinds: [...planKinds, "Zone"],
    zones: {
      names: (resources) =>
        [...resources]
          .filter(({ kind, spec }) => kind === "Zone" && (spec as { readonly enabled?: boolean }).enabled !== false)
          .map(({ name }) => name)
          .sort(),
      seenIn: (resource, zone) => seenInZone(resource, zone, kinds),
    },
  });
}

/** Plans for the zone itself. */
export function zonePlanner(store: ResourceReader, zone: string): Planner {
  return new Planner({ store, kinds: planKinds, zones: { names: () => [zone], seenIn: (resource) => resource } });
}
