import type { ResourceKey, Revision } from "@meridian/model";
import { keyId } from "./content.ts";
import { assertStateKnown, CompactedError } from "./errors.ts";
import { type LogRecord, soughtKey } from "./log-reads.ts";
import type { ChangeEntry, LogFilter } from "./store.ts";

/** The change log in memory, with an index of the revisions of each key. */
export class MemoryLog {
  /** `#records[0]` is revision `compactedTo + 1`: revisions have no gaps. */
  #records: LogRecord[] = [];
  readonly #revisionsByKey = new Map<string, Revision[]>();
  #compactedTo: Revision = 0;

  get compactedTo(): Revision {
    return this.#compactedTo;
  }

  get newest(): Revision {
    return this.#compactedTo + this.#records.length;
  }

  append(record: LogRecord): void {
    this.#records.push(record);
    for (const id of new Set(record.entries.map(({ key }) => keyId(key)))) {
      const revisions = this.#revisionsByKey.get(id);
      if (revisions) revisions.push(record.info.revision);
      else this.#revisionsByKey.set(id, [record.info.revision]);
    }
  }

  at(revision: Revision): LogRecord | undefined {
    return this.#records[revision - this.#compactedTo - 1];
  }

  /** @throws CompactedError as `ResourceReader.changes` */
  after(revision: Revision, count: number): readonly LogRecord[] {
    if (revision < this.#compactedTo || revision > this.newest) {
      throw new CompactedError(revision, this.#compactedTo + 1, this.newest);
    }
    const start = revision - this.#compactedTo;
    return this.#records.slice(start, start + count);
  }

  /** Records older than `before` that may match, newest first. */
  *newestFirst(filter: LogFilter, before: Revision): Generator<LogRecord, void, void> {
    const key = soughtKey(filter);
    if (key !== undefined) {
      for (const revision of this.#revisionsOf(key).toReversed()) {
        const record = revision < before ? this.at(revision) : undefined;
        if (record) yield record;
      }
      return;
    }
    for (let revision = Math.min(before - 1, this.newest); revision > this.#compactedTo; revision--) {
      const record = this.at(revision);
      if (record) yield record;
    }
  }

  /** Entries of one key after a revision, ascending. */
  *entriesOf(key: ResourceKey, after: Revision): Generator<ChangeEntry, void, void> {
    for (const revision of this.#revisionsOf(key)) {
      if (revision > after) yield* this.at(revision)?.entries ?? [];
    }
  }

  /** All entries of the revisions after `after` up to `to`, ascending. */
  entriesBetween(after: Revision, to: Revision): readonly ChangeEntry[] {
    return this.after(after, to - after).flatMap(({ entries }) => entries);
  }

  assertStateKnown(revision: Revision): void {
    assertStateKnown(revision, this.#compactedTo, this.newest);
  }

  compact(revision: Revision): void {
    const upTo = Math.min(revision, this.newest);
    if (upTo <= this.#compactedTo) return;
    this.#records = this.#records.slice(upTo - this.#compactedTo);
    this.#compactedTo = upTo;
    for (const [id, revisions] of this.#revisionsByKey) {
      const kept = revisions.filter((kept) => kept > upTo);
      if (kept.length > 0) this.#revisionsByKey.set(id, kept);
      else this.#revisionsByKey.delete(id);
    }
  }

  #revisionsOf(key: ResourceKey): readonly Revision[] {
    return this.#revisionsByKey.get(keyId(key)) ?? [];
  }
}
