import { compareText } from "@meridian/model";
import { viewKeys } from "./keys.ts";
import type { IngressAddress, ZoneIngressFacts } from "./zone-ingress-facts.ts";

/** The ingresses of all zones, and where those of others are. Each change adds the keys of what became different. */
export class ZoneIngresses {
  readonly #byName = new Map<string, ZoneIngressFacts>();
  readonly #namesByZone = new Map<string, Set<string>>();
  /** Address of a remote ingress that offers something → how many ingress resources have it. */
  readonly #remoteAddresses = new Map<string, number>();

  get(name: string): ZoneIngressFacts | undefined {
    return this.#byName.get(name);
  }

  /** How many addresses the ingresses of other zones have that offer something. */
  get remoteCount(): number {
    return this.#remoteAddresses.size;
  }

  /** Each address once, sorted. */
  of(zone: string): readonly IngressAddress[] {
    const byText = new Map<string, IngressAddress>();
    for (const name of this.#namesByZone.get(zone) ?? []) {
      const { remote, advertised } = this.#byName.get(name) ?? {};
      if (remote && advertised) byText.set(remote, advertised);
    }
    return [...byText].sort(([a], [b]) => compareText(a, b)).map(([, address]) => address);
  }

  /** Returns what was there before. */
  set(name: string, facts: ZoneIngressFacts | undefined, touched: Set<string>): ZoneIngressFacts | undefined {
    const old = this.#byName.get(name);
    if (facts) this.#byName.set(name, facts);
    else this.#byName.delete(name);
    if (old && old.zone !== facts?.zone) this.#namesByZone.get(old.zone)?.delete(name);
    if (facts) this.#namesByZone.set(facts.zone, (this.#namesByZone.get(facts.zone) ?? new Set()).add(name));
    if (old?.address !== facts?.address || old?.port !== facts?.port) touched.add(viewKeys.zoneIngress(name));
    if (old?.zone !== facts?.zone || old?.remote !== facts?.remote) {
      for (const each of [old, facts]) if (each?.remote) touched.add(viewKeys.ingressesOf(each.zone));
    }
    const count = this.#remoteAddresses.size;
    this.#count(old, -1);
    this.#count(facts, 1);
    if (count !== this.#remoteAddresses.size) touched.add(viewKeys.remoteIngresses);
    return old;
  }

  #count(facts: ZoneIngressFacts | undefined, step: 1 | -1): void {
    if (!facts?.remote || facts.offers.size === 0) return;
    const count = (this.#remoteAddresses.get(facts.remote) ?? 0) + step;
    if (count === 0) this.#remoteAddresses.delete(facts.remote);
    else this.#remoteAddresses.set(facts.remote, count);
  }
}
