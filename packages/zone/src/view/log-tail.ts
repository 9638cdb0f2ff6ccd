import { delay } from "@meridian/base";
import type { ViewChange } from "@meridian/generator";
import { keyText, type Resource, type ResourceKey, type Revision } from "@meridian/model";
import type { ResourceReader } from "@meridian/store";

/** Come and go in storms, one by one; everything else is a person's change and never waits. */
const endpointKinds: ReadonlySet<string> = new Set(["Dataplane", "ZoneIngress", "ZoneEgress"]);

/** What was read from the change log and not applied yet: the newest change of each key. */
export class LogTail {
  readonly #store: Pick<ResourceReader, "changes" | "watch">;
  readonly #kinds: ReadonlySet<string>;
  readonly #unapplied = new Map<string, ViewChange>();
  #read: Revision = 0;

  /** @param kinds changes of other kinds are skipped. */
  constructor(store: Pick<ResourceReader, "changes" | "watch">, kinds: ReadonlySet<string>) {
    this.#store = store;
    this.#kinds = kinds;
  }

  /** How far the log was read. */
  get read(): Revision {
    return this.#read;
  }

  get changes(): readonly ViewChange[] {
    return [...this.#unapplied.values()];
  }

  get isOnlyEndpoints(): boolean {
    if (this.#unapplied.size === 0) return false;
    for (const change of this.#unapplied.values()) if (!endpointKinds.has(keyOf(change).kind)) return false;
    return true;
  }

  /** Everything up to `revision` is applied: goes on from there. */
  applied(revision: Revision): void {
    this.#unapplied.clear();
    this.#read = revision;
  }

  /** Reads the next page. False when nothing was left. @throws CompactedError when the log no longer reaches back so far. */
  async readOn(): Promise<boolean> {
    const page = await this.#store.changes(this.#read);
    if (page.lastRevision <= this.#read) return false;
    for (const { key, resource } of page.entries) {
      if (this.#kinds.has(key.kind)) this.#unapplied.set(keyText(key), resource ? put(resource) : deletion(key));
    }
    this.#read = page.lastRevision;
    return true;
  }

  /** Waits for `waitMs`, but only until the log has grown. */
  async grownOr(waitMs: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const stop = (): void => over.abort();
    signal.addEventListener("abort", stop, { once: true });
    const grown = this.#grown(over.signal);
    try {
      await Promise.race([delay(waitMs, over.signal), grown]);
    } finally {
      over.abort();
      signal.removeEventListener("abort", stop);
      await grown;
    }
  }

  async #grown(signal: AbortSignal): Promise<void> {
    for await (const newest of this.#store.watch(signal)) if (newest > this.#read) return;
  }
}

export function keyOf(change: ViewChange): ResourceKey {
  return change.op === "put" ? change.resource : change.key;
}

export function put(resource: Resource): ViewChange {
  return { op: "put", resource };
}

export function deletion(key: ResourceKey): ViewChange {
  return { op: "delete", key };
}
