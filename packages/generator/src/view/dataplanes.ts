import { type DataplaneSpec, labelNames, type Resource } from "@meridian/model";
import { type DataplaneFacts, dataplaneFacts } from "./dataplane-facts.ts";
import { InternPool } from "./intern-pool.ts";
import type { OutboundList } from "./outbound-list.ts";

/** The data planes of this zone. One of another zone is no business of this one: it is reached through that zone's ingress. */
export class Dataplanes {
  readonly #zone: string;
  readonly #byId = new Map<string, DataplaneFacts>();
  readonly #outboundLists = new InternPool<OutboundList>();

  constructor(zone: string) {
    this.#zone = zone;
  }

  get(mesh: string, name: string): DataplaneFacts | undefined {
    return this.#byId.get(`${mesh}/${name}`);
  }

  /** Undefined for one of another zone. */
  facts(resource: Resource<DataplaneSpec>): DataplaneFacts | undefined {
    const isLocal = (resource.labels[labelNames.zone] ?? this.#zone) === this.#zone;
    return isLocal ? dataplaneFacts(resource, { ownZone: this.#zone, outboundLists: this.#outboundLists }) : undefined;
  }

  /** Returns what was there before. */
  set(mesh: string, name: string, facts: DataplaneFacts | undefined): DataplaneFacts | undefined {
    const old = this.get(mesh, name);
    if (facts) this.#byId.set(`${mesh}/${name}`, facts);
    else this.#byId.delete(`${mesh}/${name}`);
    return old;
  }
}
