import { compareText, type Tags } from "@meridian/model";
import { boundEndpoints, boundServices } from "../egress/served.ts";
import type { AvailableService } from "../types.ts";
import type { LocalEndpoint } from "../view/local-endpoint.ts";
import type { MeshView } from "../view/mesh-view.ts";
import { tagsText } from "../view/tags.ts";

/**
 * What this zone offers to the others: distinct tag sets of healthy workloads, with how many there are
 * (reference: multizone.md section 4). Only services whose endpoints changed since the last call are counted again.
 */
export class AvailableServices {
  readonly #view: MeshView;
  /** The view hands out the same list of endpoints while they are unchanged. */
  readonly #offers = new WeakMap<readonly LocalEndpoint[], readonly AvailableService[]>();
  #list: readonly AvailableService[] = [];

  constructor(view: MeshView) {
    this.#view = view;
  }

  /** Sorted by mesh, service and tags; the same array while unchanged. */
  list(): readonly AvailableService[] {
    const inMesh = this.#view.localServices().flatMap(({ mesh, service }) => {
      return this.#offersOf(mesh, this.#view.localEndpoints(mesh, service));
    });
    const list = [...inMesh, ...outsideOffers(this.#view)];
    if (!sameItems(list, this.#list)) this.#list = list;
    return this.#list;
  }

  #offersOf(mesh: string, endpoints: readonly LocalEndpoint[]): readonly AvailableService[] {
    const known = this.#offers.get(endpoints);
    if (known) return known;
    const offers = countTagSets(mesh, endpoints);
    this.#offers.set(endpoints, offers);
    return offers;
  }
}

/** ExternalServices of this zone: the egress reaches them for everybody. */
function outsideOffers(view: MeshView): readonly AvailableService[] {
  return boundServices(view).flatMap(({ mesh, service }) =>
    boundEndpoints(view, mesh, service).map(({ tags }) => ({ mesh, tags, instances: 1, externalService: true as const })),
  );
}

function countTagSets(mesh: string, endpoints: readonly LocalEndpoint[]): readonly AvailableService[] {
  const counted = new Map<string, { readonly tags: Tags; instances: number }>();
  for (const { tags } of endpoints) {
    const text = tagsText(tags);
    const entry = counted.get(text);
    if (entry) entry.instances += 1;
    else counted.set(text, { tags, instances: 1 });
  }
  return [...counted].sort(([a], [b]) => compareText(a, b)).map(([, { tags, instances }]) => ({ mesh, tags, instances }));
}

/** Counted again, but to the same result, is unchanged too. */
function sameItems(a: readonly AvailableService[], b: readonly AvailableService[]): boolean {
  return (
    a.length === b.length && a.every((item, index) => item === b[index] || JSON.stringify(item) === JSON.stringify(b[index]))
  );
}
