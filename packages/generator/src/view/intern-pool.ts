/**
 * One object per key, for as long as anybody holds it: equal things are made and kept once. The pool itself keeps nothing
 * alive, so there is nothing to release.
 */
export class InternPool<T extends object> {
  readonly #byKey = new Map<string, WeakRef<T>>();
  #sweepAtSize = 1_000;

  /** @param make called only where the pool has none; its result must depend on nothing but `key`. */
  get(key: string, make: () => T): T {
    const known = this.#byKey.get(key)?.deref();
    if (known) return known;
    const made = make();
    this.#byKey.set(key, new WeakRef(made));
    if (this.#byKey.size > this.#sweepAtSize) this.#sweep();
    return made;
  }

  /** Forgets keys whose object is gone. Runs when the pool has doubled, so it costs next to nothing per entry. */
  #sweep(): void {
    for (const [key, reference] of this.#byKey) if (!reference.deref()) this.#byKey.delete(key);
    this.#sweepAtSize = Math.max(1_000, this.#byKey.size * 2);
  }
}
