import type { Resource, Revision } from "@meridian/model";
import type { ChangeEntry, ResourceReader } from "@meridian/store";

const maxRevisionsPerRead = 1000;

/** The change log from where it was read last, cut down to some kinds. */
export class LogFollower {
  readonly #store: Pick<ResourceReader, "changes" | "list" | "revision">;
  readonly #kinds: readonly string[];
  #read: Revision = 0;

  constructor(store: Pick<ResourceReader, "changes" | "list" | "revision">, kinds: readonly string[]) {
    this.#store = store;
    this.#kinds = kinds;
  }

  /**
   * Every resource there is, kind by kind in the given order, oldest first, and from then on `next` gives what comes after. What is
   * committed meanwhile may be in both.
   */
  async load(): Promise<readonly Resource[]> {
    this.#read = await this.#store.revision();
    const resources: Resource[] = [];
    for (const kind of this.#kinds) {
      const listed = [...(await this.#store.list(kind))];
      resources.push(...listed.sort((a, b) => (a.creationTime < b.creationTime ? -1 : a.creationTime > b.creationTime ? 1 : 0)));
    }
    return resources;
  }

  /** What was committed since; empty when nothing was. @throws CompactedError: `load` again. */
  async next(): Promise<readonly ChangeEntry[]> {
    const entries: ChangeEntry[] = [];
    for (;;) {
      const page = await this.#store.changes(this.#read, { maxRevisions: maxRevisionsPerRead });
      if (page.lastRevision === this.#read) return entries;
      this.#read = page.lastRevision;
      for (const entry of page.entries) if (this.#kinds.includes(entry.key.kind)) entries.push(entry);
    }
  }
}
