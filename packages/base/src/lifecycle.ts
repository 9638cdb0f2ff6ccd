import { errorMessage } from "./errors.ts";
import type { Logger } from "./logger.ts";

/** Something that a process starts once and stops once. */
export interface Component {
  readonly name: string;
  start(): Promise<void>;
  /** Ends the work and frees what it holds; must not throw after a failed start. */
  stop(): Promise<void>;
}

/**
 * Starts components in order and stops them in reverse. A failed start stops what already runs, then throws.
 * Background work is handed over with `run`, so that no promise floats: its failure calls `onFatal`.
 */
export class Lifecycle {
  readonly #started: Component[] = [];
  readonly #background = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  readonly #logger: Logger;
  readonly #onFatal: (error: unknown) => void;

  constructor(logger: Logger, onFatal: (error: unknown) => void) {
    this.#logger = logger;
    this.#onFatal = onFatal;
  }

  /** Aborts when the process stops. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  async start(...components: readonly Component[]): Promise<void> {
    for (const component of components) {
      try {
        await component.start();
      } catch (error) {
        await this.stop();
        throw error;
      }
      this.#started.push(component);
    }
  }

  run(name: string, work: (signal: AbortSignal) => Promise<void>): void {
    const running = work(this.signal)
      .catch((error: unknown) => {
        if (this.signal.aborted) return;
        this.#logger.error({ component: name, err: error }, "background work failed");
        this.#onFatal(error);
      })
      .finally(() => this.#background.delete(running));
    this.#background.add(running);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    for (const component of this.#started.splice(0).reverse()) {
      try {
        await component.stop();
      } catch (error) {
        this.#logger.warn({ component: component.name, reason: errorMessage(error) }, "component did not stop cleanly");
      }
    }
    await Promise.allSettled([...this.#background]);
  }
}
