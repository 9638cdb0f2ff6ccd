import { keyText, type Resource } from "@meridian/model";
import type { PolicyReach } from "@meridian/policies";
import type { PoliciesOf } from "./mesh-view.ts";

const none: readonly Resource[] = [];

/**
 * Policies of one mesh by the services that they can concern, so that a proxy's outbound looks at few of them and a policy's
 * change touches few outbounds.
 */
export class PolicyIndex {
  readonly #reachOf: (policy: Resource) => PolicyReach;
  readonly #policies = new Map<string, Resource>();
  readonly #everywhere = new Set<string>();
  readonly #byService = new Map<string, Set<string>>();
  readonly #counts = new Map<string, number>();

  constructor(reachOf: (policy: Resource) => PolicyReach) {
    this.#reachOf = reachOf;
  }

  /** How many of a kind there are. */
  count(kind: string): number {
    return this.#counts.get(kind) ?? 0;
  }

  put(policy: Resource): readonly PolicyReach[] {
    const key = keyText(policy);
    const reach = this.#reachOf(policy);
    const before = this.delete(key);
    this.#policies.set(key, policy);
    this.#counts.set(policy.kind, this.count(policy.kind) + 1);
    if (reach.services === "any") this.#everywhere.add(key);
    else for (const service of reach.services) this.#keysOf(service).add(key);
    return [...before, reach];
  }

  delete(key: string): readonly PolicyReach[] {
    const policy = this.#policies.get(key);
    if (!policy) return [];
    const reach = this.#reachOf(policy);
    this.#policies.delete(key);
    this.#counts.set(policy.kind, this.count(policy.kind) - 1);
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

  /** By kind, sorted by key. @param names of one destination. */
  concerning(...names: readonly string[]): PoliciesOf {
    const byKind = new Map<string, Resource[]>();
    const named = names.flatMap((name) => [...(this.#byService.get(name) ?? [])]);
    for (const key of [...new Set([...this.#everywhere, ...named])].sort()) {
      const policy = this.#policies.get(key) as Resource;
      const ofKind = byKind.get(policy.kind);
      if (ofKind) ofKind.push(policy);
      else byKind.set(policy.kind, [policy]);
    }
    return (kind) => byKind.get(kind) ?? none;
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
