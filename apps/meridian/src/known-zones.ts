import type { Zones } from "@meridian/explain";
import { seenInZone } from "@meridian/kds";
import type { Resource } from "@meridian/model";
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
    seenIn: (resource, zone) => readyToUse(seenInZone(resource, zone, kinds)),
  },
};

/** Each zone says for itself when its proxies may show what a MeshIdentity gives them; it never comes up here, and is soon so. */
function readyToUse(resource: Resource | undefined): Resource | undefined {
  if (resource?.kind !== "MeshIdentity" || resource.status !== undefined) return resource;
  return { ...resource, status: { conditions: [{ type: "Ready", status: "True" }] } };
}

/** A zone's own. */
export function ownZone(zone: string): KnownZones {
  return { kinds: shapingKinds, zones: { names: () => [zone], seenIn: (resource) => resource } };
}
