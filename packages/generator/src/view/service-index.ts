import { compareText, tagNames } from "@meridian/model";
import type { Protocol } from "@meridian/policies";
import type { ExternalEndpoint } from "./external-service-facts.ts";
import type { LocalEndpoint } from "./local-endpoint.ts";
import { asProtocol, commonProtocol } from "./protocol.ts";
import type { RemoteOffer } from "./zone-ingress-facts.ts";

/** Everything known of one service of one mesh, by who told it. */
class ServiceRecord {
  /** By Dataplane name. */
  readonly local = new Map<string, readonly LocalEndpoint[]>();
  /** By ZoneIngress name. */
  readonly remote = new Map<string, readonly RemoteOffer[]>();
  /** By ExternalService name. */
  readonly external = new Map<string, readonly ExternalEndpoint[]>();
  /** Sorted; made on demand, the same list until the next change. */
  healthy: readonly LocalEndpoint[] | undefined;
  readonly #protocolCounts = new Map<Protocol, number>();

  get isEmpty(): boolean {
    return this.local.size === 0 && this.remote.size === 0 && this.external.size === 0;
  }

  /**
   * Unhealthy inbounds count too: a service that is down for a moment must not turn its clients' listeners from HTTP to TCP and
   * back (the peer derives it from healthy endpoints only).
   */
  get protocol(): Protocol | undefined {
    return commonProtocol(this.#protocolCounts.keys());
  }

  count(sources: readonly (LocalEndpoint | RemoteOffer | ExternalEndpoint)[] | undefined, step: 1 | -1): void {
    for (const { tags } of sources ?? []) {
      const protocol = asProtocol(tags[tagNames.protocol]);
      const count = (this.#protocolCounts.get(protocol) ?? 0) + step;
      if (count === 0) this.#protocolCounts.delete(protocol);
      else this.#protocolCounts.set(protocol, count);
    }
  }
}

/** Who tells of a service: workloads of this zone, ingresses of other zones, ExternalServices. */
export type Presence = "local" | "remote" | "external";

/** What became different when one source of one service changed. */
export interface ServiceChange {
  readonly endpoints: boolean;
  readonly protocol: boolean;
  /** The service got its first, or lost its last, source of this sort. */
  readonly presence: boolean;
}

/** Services by `mesh/service`. */
export class ServiceIndex {
  readonly #records = new Map<string, ServiceRecord>();
  readonly #present = new Map<Presence, readonly string[]>();

  setLocal(key: string, dataplane: string, endpoints: readonly LocalEndpoint[] | undefined): ServiceChange {
    const record = this.#record(key);
    const protocol = record.protocol;
    const wasPresent = record.local.size > 0;
    const old = record.local.get(dataplane);
    record.count(old, -1);
    record.count(endpoints, 1);
    record.healthy = undefined;
    if (endpoints) record.local.set(dataplane, endpoints);
    else record.local.delete(dataplane);
    const presence = wasPresent !== record.local.size > 0;
    if (presence) this.#present.delete("local");
    if (record.isEmpty) this.#records.delete(key);
    return { endpoints: !sameContent(old, endpoints), protocol: protocol !== record.protocol, presence };
  }

  setRemote(key: string, ingress: string, offers: readonly RemoteOffer[] | undefined): ServiceChange {
    const record = this.#record(key);
    const protocol = record.protocol;
    const wasPresent = record.remote.size > 0;
    const old = record.remote.get(ingress);
    record.count(old, -1);
    record.count(offers, 1);
    if (offers) record.remote.set(ingress, offers);
    else record.remote.delete(ingress);
    const presence = wasPresent !== record.remote.size > 0;
    if (presence) this.#present.delete("remote");
    if (record.isEmpty) this.#records.delete(key);
    return { endpoints: !sameContent(old, offers), protocol: protocol !== record.protocol, presence };
  }

  setExternal(key: string, name: string, endpoints: readonly ExternalEndpoint[] | undefined): ServiceChange {
    const record = this.#record(key);
    const protocol = record.protocol;
    const wasPresent = record.external.size > 0;
    const old = record.external.get(name);
    record.count(old, -1);
    record.count(endpoints, 1);
    if (endpoints) record.external.set(name, endpoints);
    else record.external.delete(name);
    const presence = wasPresent !== record.external.size > 0;
    if (presence) this.#present.delete("external");
    if (record.isEmpty) this.#records.delete(key);
    return { endpoints: !sameContent(old, endpoints), protocol: protocol !== record.protocol, presence };
  }

  /** The same list while it is unchanged. */
  healthyLocal(key: string): readonly LocalEndpoint[] {
    const record = this.#records.get(key);
    if (!record) return [];
    record.healthy ??= [...record.local.values()]
      .flat()
      .filter(({ healthy }) => healthy)
      .sort((a, b) => compareText(a.address, b.address) || a.port - b.port);
    return record.healthy;
  }

  remote(key: string): readonly RemoteOffer[] {
    const offers = [...(this.#records.get(key)?.remote.values() ?? [])].flat();
    return offers.sort((a, b) => compareText(a.ingress, b.ingress));
  }

  /** Sorted by name. */
  external(key: string): readonly ExternalEndpoint[] {
    const endpoints = [...(this.#records.get(key)?.external.values() ?? [])].flat();
    return endpoints.sort((a, b) => compareText(a.name, b.name));
  }

  protocol(key: string): Protocol | undefined {
    return this.#records.get(key)?.protocol;
  }

  /** Keys of services with a source of this sort, healthy or not; sorted. Inbounds without a service do not count. */
  present(sort: Presence): readonly string[] {
    let keys = this.#present.get(sort);
    if (!keys) {
      const present = [...this.#records].filter(([key, record]) => record[sort].size > 0 && !key.endsWith("/"));
      keys = present.map(([key]) => key).sort();
      this.#present.set(sort, keys);
    }
    return keys;
  }

  #record(key: string): ServiceRecord {
    let record = this.#records.get(key);
    if (!record) {
      record = new ServiceRecord();
      this.#records.set(key, record);
    }
    return record;
  }
}

/** Both were made by the same function from sorted tags, so equal content is equal text. */
function sameContent(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
