import { Backoff, delay, errorMessage, type Logger } from "@meridian/base";
import type { Revision } from "@meridian/model";
import { type ChangeEntry, CompactedError, type Store, UnavailableError } from "@meridian/store";
import type { ToZoneOptions } from "../sync/to-zone.ts";
import { Image, type ZoneChange } from "./image.ts";

export interface LogReaderOptions extends ToZoneOptions {
  readonly store: Store;
  readonly logger: Logger;
  /** What one page of the log means for the zones; called synchronously with the image at `image.revision`. */
  readonly onChanges: (changes: readonly ZoneChange[], entries: readonly ChangeEntry[]) => void;
  /** The log could not be followed and everything was read again. */
  readonly onReload: () => void;
}

const maxRevisionsPerRead = 1000;

/** Follows the global's log with one reader for all zones, and keeps the image. */
export class LogReader {
  readonly #options: LogReaderOptions;
  #image: Image;
  #chain: Promise<void> = Promise.resolve();

  constructor(options: LogReaderOptions) {
    this.#options = options;
    this.#image = new Image(options);
  }

  get image(): Image {
    return this.#image;
  }

  /** Reads the current state. @throws UnavailableError */
  async load(): Promise<void> {
    this.#image = await this.#read();
  }

  /** When it resolves, the image reflects everything that was committed before the call. @throws UnavailableError */
  catchUp(): Promise<void> {
    const next = this.#chain.then(() => this.#follow());
    this.#chain = next.catch(() => {});
    return next;
  }

  /** Follows until `signal` aborts; survives a store that goes away. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, logger } = this.#options;
    const backoff = new Backoff({ initialMs: 50, maxMs: 5000 });
    for await (const revision of store.watch(signal)) {
      if (revision <= this.#image.revision) continue;
      while (!signal.aborted) {
        try {
          await this.catchUp();
          backoff.reset();
          break;
        } catch (error) {
          if (signal.aborted) return;
          if (!(error instanceof UnavailableError)) throw error;
          logger.warn({ reason: errorMessage(error) }, "log not readable, trying again");
          await delay(backoff.nextDelayMs(), signal);
        }
      }
    }
  }

  /**
   * Reads every entry after a revision up to the image's and hands them to `use`, which runs while the image is at exactly the end
   * of them: no await lies between. `undefined` when the log does not hold them (any more), or when they are more than is worth
   * reading.
   */
  async since<T>(after: Revision, maxRevisions: number, use: (entries: readonly ChangeEntry[] | undefined) => T): Promise<T> {
    const entries: ChangeEntry[] = [];
    let read = after;
    try {
      while (read < this.#image.revision) {
        if (this.#image.revision - after > maxRevisions) return use(undefined);
        const page = await this.#options.store.changes(read, { maxRevisions: maxRevisionsPerRead });
        for (const entry of page.entries) entries.push(entry);
        read = page.lastRevision;
      }
    } catch (error) {
      if (error instanceof CompactedError) return use(undefined);
      throw error;
    }
    if (after > this.#image.revision) return use(undefined);
    return use(entries.filter((entry) => entry.revision <= this.#image.revision));
  }

  async #follow(): Promise<void> {
    const { store, onChanges } = this.#options;
    try {
      for (;;) {
        const page = await store.changes(this.#image.revision, { maxRevisions: maxRevisionsPerRead });
        if (page.lastRevision === this.#image.revision) return;
        const changes = page.entries.flatMap((entry) => this.#image.apply(entry));
        this.#image.revision = page.lastRevision;
        onChanges(changes, page.entries);
      }
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error;
      this.#options.logger.warn(
        { revision: this.#image.revision },
        "the log was compacted or replaced, reading everything again",
      );
      this.#image = await this.#read();
      this.#options.onReload();
    }
  }

  /**
   * Listings are not of one moment, so the log from before the first of them is applied on top, up to where it stood after the
   * last: then every resource is as it was at that revision.
   */
  async #read(): Promise<Image> {
    const { store, kinds } = this.#options;
    const image = new Image(this.#options);
    const before = await store.revision();
    for (const kind of Image.kindsOf(kinds)) for (const resource of await store.list(kind)) image.load(resource);
    const after = await store.revision();
    image.revision = before;
    while (image.revision < after) {
      const page = await store.changes(image.revision, { maxRevisions: maxRevisionsPerRead });
      for (const entry of page.entries) image.apply(entry);
      image.revision = page.lastRevision;
    }
    return image;
  }
}
