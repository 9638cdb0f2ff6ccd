import type { Zones } from "@meridian/explain";
import { seenInZone } from "@meridian/kds";
import { configKinds, kinds } from "./kinds.ts";

/** What plans and explanations look at: secrets shape no config, and need not be held twice. */
const shapingKinds = configKinds.filter((kind) => kinds.get(kind)?.category !== "secret");

/** Whose proxies a control plane can speak of, and from which kinds. */
export interface KnownZones {
  readonly kinds: readonly string[];
  readonly zones: Zones;
}

/** Every zone that is not switched off, each as it is once everything has arrived there. */
export const allZones: KnownZones = {
  kinds: [...shapingKinds, "Zone"],
  zones: {
    names: (resources) =>
      [...resources]
        .filter(({ kind, spec }) => kind === "Zone" && (spec as { readonly enabled?: boolean }).enabled !== false)
        .map(({ name }) => name)
        .sort(),
    seenIn: (resource, zone) => seenInZone(resource, zone, kinds),
  },
};

/** A zone's own. */
export function ownZone(zone: string): KnownZones {
  return { kinds: shapingKinds, zones: { names: () => [zone], seenIn: (resource) => resource } };
}
