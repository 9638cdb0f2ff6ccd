import { type Clock, systemClock } from "@meridian/base";
import { type KindRegistry, keyText, type ResourceKey, type Revision } from "@meridian/model";
import { type Bus, CompactedError } from "@meridian/store";
import { inChunks, readerOf } from "../listing/scan.ts";
import type { ApiStore, InsightsPort } from "../ports.ts";
import { countedInsightKinds, onAnnouncedInsights } from "./announced-insights.ts";
import { Tallies } from "./tallies.ts";

export interface InsightBookOptions {
  readonly store: Pick<ApiStore, "list" | "changes" | "revision" | "getStatus" | "listStatus"> & { readonly bus: Bus };
  readonly kinds: KindRegistry;
  /** Default: the system's. */
  readonly clock?: Clock;
}

const maxRevisionsPerRead = 1000;
/** More insights than these are read as one list. */
const maxSingleReads = 50;
/** Announcements may be lost with a connection to the database; older than this, insights are read anew. */
const maxInsightAgeMs = 60_000;

/**
 * What all meshes add up to, kept up to date by what has changed: the change log, and the insights that are announced. Nothing is
 * read before somebody asks for the first time, and from then on only when somebody asks; whoever asks after a write sees it.
 */
export class InsightBook implements InsightsPort {
  readonly #options: InsightBookOptions;
  readonly #clock: Clock;
  /** Insights that say something else than they did. */
  readonly #dirty = new Map<string, ResourceKey>();
  #tallies: Tallies;
  #read: Revision = 0;
  #isLoaded = false;
  #insightsReadMs = Number.NEGATIVE_INFINITY;
  #modificationTime: string;
  #turn: Promise<void> = Promise.resolve();
  #unsubscribe: (() => void) | undefined;

  constructor(options: InsightBookOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#tallies = new Tallies(options.kinds);
    this.#modificationTime = this.#now();
  }

  async current(): Promise<{ readonly tallies: Tallies; readonly modificationTime: string }> {
    await this.#inTurn(() => this.#catchUp());
    return { tallies: this.#tallies, modificationTime: this.#modificationTime };
  }

  async resources(): Promise<Tallies> {
    await this.#inTurn(() => this.#followLog());
    return this.#tallies;
  }

  /** One after another: each goes on where the one before stopped. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  async #catchUp(): Promise<void> {
    await this.#followLog();
    if (this.#clock.now() - this.#insightsReadMs > maxInsightAgeMs || this.#dirty.size > maxSingleReads)
      await this.#readInsights();
    else await this.#readDirty();
  }

  async #followLog(): Promise<void> {
    if (!this.#isLoaded) await this.#load();
    try {
      await this.#follow();
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error;
      this.#isLoaded = false;
      await this.#load();
      await this.#follow();
    }
  }

  async #load(): Promise<void> {
    const { store, kinds } = this.#options;
    this.#unsubscribe ??= onAnnouncedInsights(store.bus, (keys) => {
      for (const key of keys) this.#dirty.set(keyText(key), key);
    });
    const tallies = new Tallies(kinds);
    const read = await store.revision();
    for (const kind of kinds.all.filter(({ category }) => category !== "insight")) {
      for await (const resource of inChunks(readerOf(store, kind), {})) tallies.put(resource);
    }
    this.#tallies = tallies;
    this.#read = read;
    this.#insightsReadMs = Number.NEGATIVE_INFINITY;
    this.#isLoaded = true;
  }

  async #follow(): Promise<void> {
    for (;;) {
      const page = await this.#options.store.changes(this.#read, { maxRevisions: maxRevisionsPerRead });
      if (page.lastRevision === this.#read) return;
      for (const entry of page.entries) this.#tallies.apply(entry);
      this.#read = page.lastRevision;
      this.#modificationTime = this.#now();
    }
  }

  async #readInsights(): Promise<void> {
    this.#dirty.clear();
    const gone = new Map(this.#tallies.insightKeys().map((key) => [keyText(key), key]));
    for (const kind of countedInsightKinds) {
      for (const entry of await this.#options.store.listStatus(kind)) {
        gone.delete(keyText(entry.key));
        this.#tallies.setInsight(entry.key, entry);
      }
    }
    for (const key of gone.values()) this.#tallies.setInsight(key, undefined);
    this.#insightsReadMs = this.#clock.now();
    this.#modificationTime = this.#now();
  }

  async #readDirty(): Promise<void> {
    for (const [text, key] of [...this.#dirty]) {
      // First, so that what is announced while it is read is read again.
      this.#dirty.delete(text);
      try {
        this.#tallies.setInsight(key, await this.#options.store.getStatus(key));
      } catch (error) {
        this.#dirty.set(text, key);
        throw error;
      }
      this.#modificationTime = this.#now();
    }
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}
