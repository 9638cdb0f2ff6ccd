const longestDelayMs = 2 ** 31 - 1;

/** One timer per key; setting it again replaces it. */
export class Alarms {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  set(key: string, afterMs: number, ring: () => void): void {
    clearTimeout(this.#timers.get(key));
    const timer = setTimeout(
      () => {
        this.#timers.delete(key);
        ring();
      },
      Math.min(Math.max(afterMs, 0), longestDelayMs),
    );
    this.#timers.set(key, timer.unref());
  }

  has(key: string): boolean {
    return this.#timers.has(key);
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
