/**
 * Holds the newest value of something. A slow reader gets the newest state, not every state between: `changes` merges bursts.
 */
export class Latest<T> {
  #value: T;
  readonly #listeners = new Set<(value: T) => void>();

  constructor(initial: T) {
    this.#value = initial;
  }

  get value(): T {
    return this.#value;
  }

  /** Stores a value and wakes every reader. An identical value (`Object.is`) wakes nobody. */
  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener(value);
  }

  /** Calls `listener` on each later change. Returns the function that ends it. */
  subscribe(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Yields the current value, then the newest after each change, until `signal` aborts. */
  async *changes(signal: AbortSignal): AsyncGenerator<T, void, void> {
    let wake: (() => void) | undefined;
    let dirty = true;
    const unsubscribe = this.subscribe(() => {
      dirty = true;
      wake?.();
    });
    const onAbort = (): void => wake?.();
    signal.addEventListener("abort", onAbort);
    try {
      while (!signal.aborted) {
        if (!dirty) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = undefined;
          continue;
        }
        dirty = false;
        yield this.#value;
      }
    } finally {
      unsubscribe();
      signal.removeEventListener("abort", onAbort);
    }
  }
}
