import { type DataplaneSpec, keyText, type Resource, type Revision, tagNames } from "@meridian/model";
import { ZoneWorld } from "./zone-world.ts";
import { type Zones, zoneOf } from "./zones.ts";

/** A data plane and where it is. */
export interface PlacedDataplane {
  readonly zone: string;
  /** As its zone has it. */
  readonly resource: Resource<DataplaneSpec>;
}

export interface WorldsOptions {
  readonly revision: Revision;
  /** Everything that this control plane holds of one mesh, and of no mesh. */
  readonly resources: readonly Resource[];
  readonly zones: Zones;
}

/** One mesh in all zones that are known here. */
export class Worlds {
  readonly revision: Revision;
  readonly dataplanes: readonly PlacedDataplane[];
  /** Zones that can be followed, sorted. */
  readonly zones: readonly string[];
  readonly #disabled: ReadonlySet<string>;
  readonly #options: WorldsOptions;
  readonly #worlds = new Map<string, ZoneWorld>();

  constructor(options: WorldsOptions) {
    const { revision, resources, zones } = options;
    this.revision = revision;
    this.#options = options;
    this.zones = zones.names(resources);
    this.#disabled = new Set(resources.filter(isSwitchedOff).map(({ name }) => name));
    const [onlyZone = ""] = this.zones;
    this.dataplanes = resources
      .filter(({ kind }) => kind === "Dataplane")
      .map((resource) => {
        const zone = zoneOf(resource) || onlyZone;
        return { zone, resource: (zones.seenIn(resource, zone) ?? resource) as Resource<DataplaneSpec> };
      });
  }

  isDisabled(zone: string): boolean {
    return this.#disabled.has(zone);
  }

  /** Undefined for a zone of which nothing is known here: another than a zone's own, or one that is switched off. */
  of(zone: string): ZoneWorld | undefined {
    if (!this.zones.includes(zone)) return undefined;
    const known = this.#worlds.get(zone) ?? this.#open(zone);
    this.#worlds.set(zone, known);
    return known;
  }

  #open(zone: string): ZoneWorld {
    const { resources, zones } = this.#options;
    const ownNames = new Map<string, string>();
    const seen = resources.flatMap((resource) => {
      const home = zoneOf(resource);
      if (home !== zone && this.#disabled.has(home)) return [];
      const copy = zones.seenIn(resource, zone);
      if (copy && copy.name !== resource.name) ownNames.set(keyText(copy), keyText(resource));
      return copy ?? [];
    });
    return new ZoneWorld({ zone, resources: seen, ownNames });
  }
}

function isSwitchedOff({ kind, spec }: Resource): boolean {
  return kind === "Zone" && (spec as { readonly enabled?: boolean }).enabled === false;
}

/** Values of `kuma.io/service` of a data plane, in order. */
export function servicesOf({ networking }: DataplaneSpec): readonly string[] {
  const sets = [...(networking.inbound ?? []), ...(networking.gateway ? [networking.gateway] : [])].map(({ tags }) => tags);
  return [...new Set(sets.flatMap((tags) => tags?.[tagNames.service] ?? []))];
}
