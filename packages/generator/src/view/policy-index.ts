import { keyText, type Resource } from "@meridian/model";
import type { PolicyReach } from "@meridian/policies";

/**
 * Policies of one mesh by the services that they can concern, so that a proxy's outbound looks at few of them and a policy's
 * change touches few outbounds.
 */
export class PolicyIndex {
  readonly #reachOf: (policy: Resource) => PolicyReach;
  readonly #policies = new Map<string, Resource>();
  readonly #everywhere = new Set<string>();
  readonly #byService = new Map<string, Set<string>>();

  constructor(reachOf: (policy: Resource) => PolicyReach) {
    this.#reachOf = reachOf;
  }

  get size(): number {
    return this.#policies.size;
  }

  put(policy: Resource): readonly PolicyReach[] {
    const key = keyText(policy);
    const reach = this.#reachOf(policy);
    const before = this.delete(key);
    this.#policies.set(key, policy);
    if (reach.services === "any") this.#everywhere.add(key);
    else for (const service of reach.services) this.#keysOf(service).add(key);
    return [...before, reach];
  }

  delete(key: string): readonly PolicyReach[] {
    const policy = this.#policies.get(key);
    if (!policy) return [];
    const reach = this.#reachOf(policy);
    this.#policies.delete(key);
    if (reach.services === "any") this.#everywhere.delete(key);
    else {
      for (const service of reach.services) {
        const keys = this.#byService.get(service);
        keys?.delete(key);
        if (keys?.size === 0) this.#byService.delete(service);
      }
    }
    return [reach];
  }

  /** Sorted by key. */
  concerning(service: string): readonly Resource[] {
    const keys = [...this.#everywhere, ...(this.#byService.get(service) ?? [])].sort();
    return keys.map((key) => this.#policies.get(key) as Resource);
  }

  #keysOf(service: string): Set<string> {
    let keys = this.#byService.get(service);
    if (!keys) {
      keys = new Set();
      this.#byService.set(service, keys);
    }
    return keys;
  }
}
