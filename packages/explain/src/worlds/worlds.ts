import { type DataplaneSpec, keyText, type Resource, type Revision, tagNames, type ZoneIngressSpec } from "@meridian/model";
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
  readonly #names: readonly string[];
  readonly #disabled: ReadonlySet<string>;
  readonly #options: WorldsOptions;
  readonly #worlds = new Map<string, ZoneWorld>();
  /** `keyText` in a zone → `keyText` here, where the two differ. */
  readonly #ownNames = new Map<string, string>();

  constructor(options: WorldsOptions) {
    const { revision, resources, zones } = options;
    this.revision = revision;
    this.#options = options;
    this.#names = zones.names(resources);
    this.#disabled = new Set(
      resources
        .filter(({ kind, spec }) => kind === "Zone" && (spec as { enabled?: boolean }).enabled === false)
        .map(({ name }) => name),
    );
    const [onlyZone = ""] = this.#names;
    this.dataplanes = resources
      .filter(({ kind }) => kind === "Dataplane")
      .flatMap((resource) => {
        const zone = zoneOf(resource) || onlyZone;
        const seen = zones.seenIn(resource, zone) ?? resource;
        return [{ zone, resource: seen as Resource<DataplaneSpec> }];
      });
  }

  isDisabled(zone: string): boolean {
    return this.#disabled.has(zone);
  }

  /** Undefined for a zone of which nothing is known here: another than a zone's own, or one that is switched off. */
  of(zone: string): ZoneWorld | undefined {
    if (!this.#names.includes(zone)) return undefined;
    const known = this.#worlds.get(zone) ?? new ZoneWorld(zone, this.#seenIn(zone));
    this.#worlds.set(zone, known);
    return known;
  }

  /** `keyText` of a policy of a zone, as this control plane knows it. */
  ownName(key: string): string {
    return this.#ownNames.get(key) ?? key;
  }

  /** The zone whose ingress advertises an address, as a zone sees it. */
  ingressAt(world: ZoneWorld, address: string): Resource<ZoneIngressSpec> | undefined {
    return world.list<ZoneIngressSpec>("ZoneIngress").find(({ spec: { networking } }) => {
      return `${networking.advertisedAddress}:${networking.advertisedPort}` === address;
    });
  }

  #seenIn(zone: string): readonly Resource[] {
    const { resources, zones } = this.#options;
    return resources.flatMap((resource) => {
      const home = zoneOf(resource);
      if (home !== zone && this.#disabled.has(home)) return [];
      const seen = zones.seenIn(resource, zone);
      if (seen && seen.name !== resource.name) this.#ownNames.set(keyText(seen), keyText(resource));
      return seen ?? [];
    });
  }
}

/** Values of `kuma.io/service` of a data plane, in order. */
export function servicesOf({ networking }: DataplaneSpec): readonly string[] {
  const sets = [...(networking.inbound ?? []), ...(networking.gateway ? [networking.gateway] : [])].map(({ tags }) => tags);
  return [...new Set(sets.flatMap((tags) => tags?.[tagNames.service] ?? []))];
}
