import { delay } from "@meridian/base";

/** The time between the end of a proxy's stream and the removal of its resource: it may come back, or have said goodbye. */
export class Departure {
  readonly #cancelled = new AbortController();
  readonly #hurried = new AbortController();

  get isCancelled(): boolean {
    return this.#cancelled.signal.aborted;
  }

  /** The proxy is back, or the control plane stops. */
  cancel(): void {
    this.#cancelled.abort();
  }

  /** It will not come back: there is nothing to wait for. */
  hurry(): void {
    this.#hurried.abort();
  }

  /** Ends early when cancelled or hurried. */
  grace(graceMs: number): Promise<void> {
    return delay(graceMs, AbortSignal.any([this.#cancelled.signal, this.#hurried.signal]));
  }

  /** Ends early when cancelled. */
  pause(pauseMs: number): Promise<void> {
    return delay(pauseMs, this.#cancelled.signal);
  }
}
