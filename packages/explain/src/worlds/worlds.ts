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

/** A few milliseconds of work. */
const resourcesPerStep = 200;

/** One mesh in all zones that are known here. */
export class Worlds {
  readonly revision: Revision;
  readonly dataplanes: readonly PlacedDataplane[];
  /** Zones that can be followed, sorted. */
  readonly zones: readonly string[];
  readonly #disabled: ReadonlySet<string>;
  readonly #options: WorldsOptions;
  readonly #worlds = new Map<string, ZoneWorld>();
  readonly #wanted = new Set<string>();

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

  /**
   * Undefined for a zone of which nothing is known here: another than a zone's own, or one that is switched off; and for one that is not
   * loaded yet, which `load` then does. Few zones are on the way of a request, and only these are worth it.
   */
  of(zone: string): ZoneWorld | undefined {
    const known = this.#worlds.get(zone);
    if (!known && this.zones.includes(zone)) this.#wanted.add(zone);
    return known;
  }

  /** Loads the zones that were asked for in vain, in steps between which others may run. Returns whether there were any. */
  *load(): Generator<void, boolean> {
    const wanted = [...this.#wanted];
    for (const zone of wanted) {
      yield* this.#open(zone);
      this.#wanted.delete(zone);
    }
    return wanted.length > 0;
  }

  *#open(zone: string): Generator<void> {
    const { resources, zones } = this.#options;
    const world = new ZoneWorld(zone);
    for (let start = 0; start < resources.length; start += resourcesPerStep) {
      for (const resource of resources.slice(start, start + resourcesPerStep)) {
        const home = zoneOf(resource);
        if (home !== zone && this.#disabled.has(home)) continue;
        const seen = zones.seenIn(resource, zone);
        if (seen) world.add(seen, keyText(resource));
      }
      world.settle();
      yield;
    }
    this.#worlds.set(zone, world);
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
