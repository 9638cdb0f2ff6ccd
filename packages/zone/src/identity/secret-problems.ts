/** Secrets that cannot be had, for the status of the resources that ask for them. */
export class SecretProblems {
  /** `keyText` of the resource that asks → SDS name → what is wrong. */
  readonly #byOwner = new Map<string, Map<string, string>>();
  #changed = new Set<string>();

  found(owner: string, sdsName: string, message: string): void {
    const own = this.#byOwner.get(owner) ?? new Map<string, string>();
    if (own.get(sdsName) === message) return;
    this.#byOwner.set(owner, own.set(sdsName, message));
    this.#changed.add(owner);
  }

  solved(owner: string, sdsName: string): void {
    const own = this.#byOwner.get(owner);
    if (!own?.delete(sdsName)) return;
    if (own.size === 0) this.#byOwner.delete(owner);
    this.#changed.add(owner);
  }

  /** Sorted. */
  of(owner: string): readonly string[] {
    return [...new Set(this.#byOwner.get(owner)?.values() ?? [])].sort();
  }

  /** Owners whose problems may differ since the last call. */
  takeChanged(): ReadonlySet<string> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }
}
