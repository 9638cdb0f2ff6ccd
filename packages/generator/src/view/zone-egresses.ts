import { viewKeys } from "./keys.ts";
import { servingAddresses, type ZoneEgressFacts } from "./zone-egress-facts.ts";
import type { IngressAddress } from "./zone-ingress-facts.ts";

/** The egresses of this zone. Each change adds the keys of what became different. */
export class ZoneEgresses {
  readonly #byName = new Map<string, ZoneEgressFacts>();
  #addresses: readonly IngressAddress[] = [];

  get(name: string): ZoneEgressFacts | undefined {
    return this.#byName.get(name);
  }

  /** Of those that serve; the same list while unchanged. */
  get addresses(): readonly IngressAddress[] {
    return this.#addresses;
  }

  set(name: string, facts: ZoneEgressFacts | undefined, touched: Set<string>): void {
    const old = this.#byName.get(name);
    if (facts) this.#byName.set(name, facts);
    else this.#byName.delete(name);
    if (old?.address !== facts?.address || old?.port !== facts?.port) touched.add(viewKeys.zoneEgress(name));
    const addresses = servingAddresses(this.#byName.values());
    if (JSON.stringify(addresses) === JSON.stringify(this.#addresses)) return;
    this.#addresses = addresses;
    touched.add(viewKeys.zoneEgresses);
  }
}
