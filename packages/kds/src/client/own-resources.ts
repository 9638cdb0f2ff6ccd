import { type KindRegistry, keyText, type Resource, type ResourceKey, type Revision } from "@meridian/model";
import { type ChangeEntry, CompactedError, type Store } from "@meridian/store";
import { addTo, type Digest, emptyDigest, removeFrom } from "../sync/digest.ts";
import { type Entry, encodeEntry } from "../sync/entry.ts";
import { copyForGlobal, isUploaded } from "../sync/to-global.ts";
import type { Delta } from "../sync/transfer.ts";

/** A resource of the zone as the global should hold it. */
export interface OwnResource {
  /** `keyText` at the global. */
  readonly key: string;
  readonly name: string;
  readonly entry: Entry;
  readonly local: ResourceKey;
}

export interface OwnResourcesOptions {
  readonly store: Store;
  readonly kinds: KindRegistry;
  readonly zone: string;
  /** Sees every step of the zone's log. */
  readonly observe: (resource: Resource) => void;
}

const maxRevisionsPerRead = 1000;

/** What the zone owns and the global should hold, following the zone's own log. */
export class OwnResources {
  readonly #options: OwnResourcesOptions;
  #byKey = new Map<string, OwnResource>();
  readonly #globalNames = new Map<string, string>();
  #digest = emptyDigest;
  /** The local revision up to which the log was read. */
  revision: Revision = 0;

  constructor(options: OwnResourcesOptions) {
    this.#options = options;
  }

  get digest(): Digest {
    return this.#digest;
  }

  get(key: string): OwnResource | undefined {
    return this.#byKey.get(key);
  }

  all(): Iterable<OwnResource> {
    return this.#byKey.values();
  }

  /** The name at the global of a resource of this zone. */
  globalNameOf(local: ResourceKey): string | undefined {
    return this.#globalNames.get(keyText(local));
  }

  /** Listings first, then the log from before them on top, as the global's `LogReader` does. */
  async load(): Promise<void> {
    const { store, kinds } = this.#options;
    this.revision = await store.revision();
    for (const kind of kinds.all.filter(isUploaded)) {
      for (const resource of await store.list(kind.kind)) this.#put(resource);
    }
    await this.follow();
  }

  /** Reads the log to its end. @returns what changed. @throws UnavailableError */
  async follow(): Promise<Delta> {
    const delta = new Map<string, Entry | undefined>();
    try {
      for (;;) {
        const page = await this.#options.store.changes(this.revision, { maxRevisions: maxRevisionsPerRead });
        if (page.lastRevision === this.revision) return delta;
        for (const entry of page.entries) this.#apply(entry, delta);
        this.revision = page.lastRevision;
      }
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error;
      return this.#reload();
    }
  }

  /**
   * Works back: what the zone had at an older local revision, and what changed since.
   * @returns undefined when the log does not reach back.
   */
  async since(after: Revision): Promise<{ readonly digestBefore: Digest; readonly delta: Delta } | undefined> {
    const entries: ChangeEntry[] = [];
    let read = after;
    try {
      while (read < this.revision) {
        const page = await this.#options.store.changes(read, { maxRevisions: maxRevisionsPerRead });
        for (const entry of page.entries) entries.push(entry);
        read = page.lastRevision;
      }
    } catch (error) {
      if (error instanceof CompactedError) return undefined;
      throw error;
    }
    if (after > this.revision) return undefined;
    return this.#workBack(entries.filter((entry) => entry.revision <= this.revision));
  }

  #workBack(entries: readonly ChangeEntry[]): { readonly digestBefore: Digest; readonly delta: Delta } {
    const before = new Map<string, OwnResource | undefined>();
    for (const { previous, resource } of entries) {
      const was = this.#copy(previous);
      const became = this.#copy(resource);
      if (was && !before.has(was.key)) before.set(was.key, was);
      if (became && !before.has(became.key)) before.set(became.key, undefined);
    }
    let digestBefore = this.#digest;
    const delta = new Map<string, Entry | undefined>();
    for (const [key, was] of before) {
      const now = this.#byKey.get(key);
      if (now) digestBefore = removeFrom(digestBefore, now.entry.hash);
      if (was) digestBefore = addTo(digestBefore, was.entry.hash);
      if (now?.entry.hash !== was?.entry.hash) delta.set(key, now?.entry);
    }
    return { digestBefore, delta };
  }

  async #reload(): Promise<Delta> {
    const before = this.#byKey;
    this.#byKey = new Map();
    this.#globalNames.clear();
    this.#digest = emptyDigest;
    await this.load();
    const delta = new Map<string, Entry | undefined>();
    for (const key of before.keys()) if (!this.#byKey.has(key)) delta.set(key, undefined);
    for (const [key, { entry }] of this.#byKey) if (before.get(key)?.entry.hash !== entry.hash) delta.set(key, entry);
    return delta;
  }

  #apply(change: ChangeEntry, delta: Map<string, Entry | undefined>): void {
    if (change.resource) this.#options.observe(change.resource);
    const before = this.#copy(change.previous);
    const after = this.#copy(change.resource);
    if (before && before.key !== after?.key) {
      this.#remove(before);
      delta.set(before.key, undefined);
    }
    if (change.resource && after && this.#byKey.get(after.key)?.entry.hash !== after.entry.hash) {
      this.#put(change.resource);
      delta.set(after.key, after.entry);
    }
  }

  #put(resource: Resource): void {
    const own = this.#copy(resource);
    if (!own) return;
    const before = this.#byKey.get(own.key);
    if (before) this.#remove(before);
    this.#byKey.set(own.key, own);
    this.#globalNames.set(keyText(own.local), own.name);
    this.#digest = addTo(this.#digest, own.entry.hash);
  }

  #remove({ key, local }: OwnResource): void {
    const held = this.#byKey.get(key);
    if (!held) return;
    this.#byKey.delete(key);
    this.#globalNames.delete(keyText(local));
    this.#digest = removeFrom(this.#digest, held.entry.hash);
  }

  #copy(resource: Resource | undefined): OwnResource | undefined {
    const copy = resource && copyForGlobal(resource, this.#options.zone, this.#options.kinds);
    if (!copy) return undefined;
    const local = { kind: resource.kind, mesh: resource.mesh, name: resource.name };
    return { key: keyText(copy), name: copy.name, entry: encodeEntry(copy), local };
  }
}
