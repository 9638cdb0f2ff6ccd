/**
 * What an application answers while a test changes its mind: `statusOf` for a service's plan. `/after-1s` takes a second, `/held`
 * as long as nobody calls `release`.
 */
export class Workload {
  readonly #statuses = new Map<string, number>();
  readonly #seen = new Map<string, number>();
  readonly #held = new Set<() => void>();
  #isReleased = false;

  readonly statusOf = async (path: string): Promise<number> => {
    this.#seen.set(path, this.seen(path) + 1);
    if (path === "/after-1s") await new Promise((resolve) => setTimeout(resolve, 1_000));
    if (path === "/held" && !this.#isReleased) await new Promise<void>((resolve) => this.#held.add(resolve));
    return this.#statuses.get(path) ?? 200;
  };

  /** From now on. */
  answer(path: string, status: number): void {
    this.#statuses.set(path, status);
  }

  /** How many requests for a path came since the start or the last `reset`. */
  seen(path: string): number {
    return this.#seen.get(path) ?? 0;
  }

  /** How many requests are held. */
  get holds(): number {
    return this.#held.size;
  }

  /** Answers those that are held, and holds no others until the next `reset`. */
  release(): void {
    this.#isReleased = true;
    for (const resolve of this.#held) resolve();
    this.#held.clear();
  }

  /** Well again. */
  reset(): void {
    this.#statuses.clear();
    this.#seen.clear();
    this.#isReleased = false;
  }
}
