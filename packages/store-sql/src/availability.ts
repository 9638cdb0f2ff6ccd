import { UnavailableError } from "@meridian/store";

/** A call that takes longer than this asks whether the server is still there. */
const slowAfterMs = 1_000;

/**
 * What is known of the server, so that calls fail at once while it is away instead of each finding out by itself. Told by the
 * listener, which always has a connection or is getting one.
 */
export class Availability {
  #down: UnavailableError | undefined;
  readonly #running = new Set<(error: UnavailableError) => void>();
  readonly #onSlow: () => void;

  constructor(onSlow: () => void) {
    this.#onSlow = onSlow;
  }

  get isDown(): boolean {
    return this.#down !== undefined;
  }

  markUp(): void {
    this.#down = undefined;
  }

  /** Fails what is under way too: a frozen server would keep it waiting forever. */
  markDown(error: UnavailableError): void {
    this.#down = error;
    for (const fail of [...this.#running]) fail(error);
  }

  assertUp(): void {
    // A new error each time: its stack is that of the caller.
    if (this.#down !== undefined) throw new UnavailableError(this.#down.message);
  }

  /** Settles as `work` does, or rejects as soon as the server is known to be away. */
  async whileUp<T>(work: Promise<T>): Promise<T> {
    this.assertUp();
    const slow = setTimeout(this.#onSlow, slowAfterMs);
    let fail: ((error: UnavailableError) => void) | undefined;
    const wentDown = new Promise<never>((_, reject) => {
      fail = reject;
      this.#running.add(reject);
    });
    try {
      return await Promise.race([work, wentDown]);
    } finally {
      clearTimeout(slow);
      if (fail !== undefined) this.#running.delete(fail);
    }
  }
}
