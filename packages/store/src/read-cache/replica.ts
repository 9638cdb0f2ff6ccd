import type { Revision } from "@meridian/model";
import { CurrentState } from "../current-state.ts";
import { CompactedError, UnavailableError } from "../errors.ts";
import type { ChangeEntry, ChangePage, CommitResult, ResourceReader } from "../store.ts";

/** The end of the log that is kept for readers that resume: bounded by what it holds, not by time. */
const maxTailEntries = 10_000;

/** A copy of a store's resources as of one revision, with the end of its log. */
export class Replica {
  #state = new CurrentState();
  #revision: Revision = 0;
  /** Ascending; everything after `#tailStart` up to `#revision`. */
  #tail: ChangeEntry[] = [];
  #tailStart: Revision = 0;

  get state(): CurrentState {
    return this.#state;
  }

  get revision(): Revision {
    return this.#revision;
  }

  /** Reads everything anew. Lists see different moments; replaying the log from before the first to after the last mends that. */
  async load(store: ResourceReader, kinds: readonly string[]): Promise<void> {
    const start = await store.revision();
    const state = new CurrentState();
    for (const kind of kinds) {
      for (const resource of await store.list(kind)) state.put(resource);
    }
    const page = await store.changes(start);
    state.apply(page.entries);
    this.#state = state;
    this.#revision = page.lastRevision;
    this.#tail = [...page.entries];
    this.#tailStart = start;
  }

  /** Reads what the log has beyond the replica. @throws CompactedError when it must be loaded anew. */
  async catchUp(store: ResourceReader): Promise<void> {
    const page = await store.changes(this.#revision);
    // Somebody else may have caught up meanwhile; entries below the revision are known.
    this.#append(page.entries.filter((entry) => entry.revision > this.#revision));
    this.#revision = Math.max(this.#revision, page.lastRevision);
  }

  /** Takes a commit over as it is, if it is the one that comes next. */
  appendNext({ revision, entries }: CommitResult): boolean {
    if (revision <= this.#revision) return true;
    if (!entries || revision !== this.#revision + 1) return false;
    this.#append(entries);
    this.#revision = revision;
    return true;
  }

  /** Whether the tail reaches back to `after`. */
  covers(after: Revision): boolean {
    return after >= this.#tailStart && after <= this.#revision;
  }

  /** As `ResourceReader.changes`, from the tail. */
  changes(after: Revision, maxRevisions = Number.POSITIVE_INFINITY): ChangePage {
    if (after > this.#revision) {
      throw new UnavailableError(
        `the database is away, and revision ${after} is newer than what is known here (${this.#revision})`,
      );
    }
    if (after < this.#tailStart) throw new CompactedError(after, this.#tailStart + 1, this.#revision);
    const lastRevision = Math.min(this.#revision, after + maxRevisions);
    const entries = this.#tail.filter(({ revision }) => revision > after && revision <= lastRevision);
    return { entries, lastRevision };
  }

  /** The log was compacted up to `revision`: so is the tail. */
  forget(revision: Revision): void {
    if (revision <= this.#tailStart) return;
    this.#tail = this.#tail.filter((entry) => entry.revision > revision);
    this.#tailStart = Math.min(revision, this.#revision);
  }

  #append(entries: readonly ChangeEntry[]): void {
    this.#state.apply(entries);
    this.#tail.push(...entries);
    if (this.#tail.length <= maxTailEntries) return;
    // Whole revisions go, half of what is kept, so that the copying is rare.
    const lastDropped = this.#tail[this.#tail.length - maxTailEntries / 2]?.revision ?? this.#revision;
    this.#tail = this.#tail.filter(({ revision }) => revision > lastDropped);
    this.#tailStart = lastDropped;
  }
}
