import { compareText } from "@meridian/model";

export interface Claimant {
  /** `keyText` */
  readonly key: string;
  /** RFC 3339. */
  readonly creationTime: string;
}

interface Claims {
  readonly claimant: Claimant;
  readonly hostnames: ReadonlySet<string>;
}

/**
 * Which service of a mesh each host name belongs to: the oldest of those that ask for it, then the one whose key sorts first. Whoever
 * comes and goes, in whatever order, the same claims give the same owners.
 */
export class HostnameClaims {
  readonly #byKey = new Map<string, Claims>();
  readonly #byHostname = new Map<string, Map<string, Claimant>>();

  /**
   * Replaces what a service asks for; nothing lets go of all.
   * @returns keys of other services that own more or less than before.
   */
  claim(claimant: Claimant, hostnames: Iterable<string>): ReadonlySet<string> {
    const before = this.#byKey.get(claimant.key);
    const wanted = new Set(hostnames);
    const touched = new Set([...(before?.hostnames ?? []), ...wanted]);
    const owners = new Map([...touched].map((hostname) => [hostname, this.ownerOf(hostname)]));
    for (const hostname of before?.hostnames ?? []) this.#release(hostname, claimant.key);
    for (const hostname of wanted) this.#add(hostname, claimant);
    if (wanted.size > 0) this.#byKey.set(claimant.key, { claimant, hostnames: wanted });
    else this.#byKey.delete(claimant.key);
    const affected = new Set<string>();
    for (const [hostname, owner] of owners) {
      const next = this.ownerOf(hostname);
      if (owner === next) continue;
      if (owner !== undefined) affected.add(owner);
      if (next !== undefined) affected.add(next);
      // Losers say who it is that they lost to.
      for (const key of this.#byHostname.get(hostname)?.keys() ?? []) affected.add(key);
    }
    affected.delete(claimant.key);
    return affected;
  }

  /** Undefined when nobody asks for it. */
  ownerOf(hostname: string): string | undefined {
    let oldest: Claimant | undefined;
    for (const claimant of this.#byHostname.get(hostname)?.values() ?? []) {
      if (!oldest || isBefore(claimant, oldest)) oldest = claimant;
    }
    return oldest?.key;
  }

  #add(hostname: string, claimant: Claimant): void {
    const claimants = this.#byHostname.get(hostname) ?? new Map<string, Claimant>();
    claimants.set(claimant.key, claimant);
    this.#byHostname.set(hostname, claimants);
  }

  #release(hostname: string, key: string): void {
    const claimants = this.#byHostname.get(hostname);
    claimants?.delete(key);
    if (claimants?.size === 0) this.#byHostname.delete(hostname);
  }
}

function isBefore(a: Claimant, b: Claimant): boolean {
  return (compareText(a.creationTime, b.creationTime) || compareText(a.key, b.key)) < 0;
}
