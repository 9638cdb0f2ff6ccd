import { tickMs } from "./tick.ts";

/** One timer for all streams that wait for something; it runs only while there are any. */
export class Ticker {
  readonly #waiting = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  /** Calls `onTick` at the next tick, once. Adding it twice is adding it once. */
  add(onTick: () => void): void {
    this.#waiting.add(onTick);
    this.#timer ??= setInterval(() => this.#tick(), tickMs).unref();
  }

  delete(onTick: () => void): void {
    this.#waiting.delete(onTick);
    if (this.#waiting.size > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const due = [...this.#waiting];
    this.#waiting.clear();
    for (const onTick of due) onTick();
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
