export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  /** Uniform random number in [0, 1); `Math.random` when absent. */
  readonly random?: () => number;
}

/**
 * Exponential back-off with full jitter: attempt n waits a random time up to min(maxMs, initialMs * 2^n), but at least a
 * quarter of it, so that a herd spreads out and nobody retries in a tight loop.
 */
export class Backoff {
  #attempt = 0;
  readonly #options: BackoffOptions;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  nextDelayMs(): number {
    const ceilingMs = Math.min(this.#options.maxMs, this.#options.initialMs * 2 ** this.#attempt);
    this.#attempt = Math.min(this.#attempt + 1, 30);
    const random = (this.#options.random ?? Math.random)();
    return Math.round(ceilingMs * (0.25 + 0.75 * random));
  }

  /** Call it after a success. */
  reset(): void {
    this.#attempt = 0;
  }
}
