import { errorMessage, type Logger } from "@meridian/base";
import type { ResourceKey } from "@meridian/model";
import { keyText } from "@meridian/model";
import type { StatusStore } from "@meridian/store";

export interface StatusWriterOptions {
  readonly store: StatusStore;
  readonly intervalMs: number;
  readonly logger: Logger;
  /** These are in the store now. */
  readonly onWritten?: (keys: readonly ResourceKey[]) => void;
}

interface Waiting {
  readonly key: ResourceKey;
  /** The value as it is when it is written; undefined deletes. */
  readonly value: () => unknown;
}

/**
 * Writes status and insights in batches, each object at most once an interval (design decision 1): the first change at once, what
 * follows with the next batch, always the newest. While the database is away nothing is lost but the states between.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  #waiting = new Map<string, Waiting>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #stopped = false;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  put(key: ResourceKey, value: () => unknown): void {
    this.#waiting.set(keyText(key), { key, value });
    this.#schedule();
  }

  delete(key: ResourceKey): void {
    this.put(key, () => undefined);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#write();
  }

  #schedule(): void {
    if (this.#timer || this.#stopped) return;
    // Leading edge: this turn's changes go out together, at once; the interval begins then.
    setImmediate(() => this.#flush());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#waiting.size > 0) this.#schedule();
    }, this.#options.intervalMs);
  }

  #flush(): void {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async #write(): Promise<void> {
    const batch = this.#waiting;
    if (batch.size === 0) return;
    this.#waiting = new Map();
    const values = [...batch.values()].map(({ key, value }) => ({ key, value: value() }));
    try {
      const puts = values.filter(({ value }) => value !== undefined);
      const deletes = values.filter(({ value }) => value === undefined).map(({ key }) => key);
      if (puts.length > 0) await this.#options.store.putStatus(puts);
      if (deletes.length > 0) await this.#options.store.deleteStatus(deletes);
      this.#options.onWritten?.(values.map(({ key }) => key));
    } catch (error) {
      this.#options.logger.warn({ reason: errorMessage(error), objects: batch.size }, "status not written, kept for later");
      for (const [id, waiting] of batch) if (!this.#waiting.has(id)) this.#waiting.set(id, waiting);
      if (!this.#stopped) this.#schedule();
    }
  }
}
