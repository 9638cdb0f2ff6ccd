import { keyText, type Resource, type ResourceInput, type ResourceKey } from "@meridian/model";
import type { ListFilter, ResourceReader } from "@meridian/store";
import type { UnreadWrite, WriteRequest } from "./ports.ts";

/**
 * The store as it will be after the batch, so that rules see a mesh, a secret or a deletion of the same batch. Each key is read
 * once: all rules of a batch judge the same state.
 */
export class BatchView {
  readonly #reader: ResourceReader;
  readonly #reads = new Map<string, Promise<Resource | undefined>>();
  readonly #puts = new Map<string, ResourceInput>();
  readonly #deletes = new Set<string>();
  /** What the batch would write if it could be read. */
  readonly #unread = new Map<string, ResourceKey>();
  #hasAskedForUnread = false;
  readonly #lists = new Map<string, Promise<readonly ResourceInput[]>>();

  constructor(reader: ResourceReader, requests: readonly (WriteRequest | UnreadWrite)[]) {
    this.#reader = reader;
    for (const request of requests) {
      if (request.op === "put") this.#puts.set(keyText(request.resource), request.resource);
      else if (request.op === "unread") {
        if (request.resource) this.#unread.set(keyText(request.resource), request.resource);
      } else this.#deletes.add(keyText(request.key));
    }
  }

  /** Reads what the requests concern, side by side: one after the other would cost a round trip each. */
  async prefetch(requests: readonly (WriteRequest | UnreadWrite)[]): Promise<void> {
    const keys = requests.flatMap((request) => (request.op === "delete" ? request.key : (request.resource ?? [])));
    await Promise.all(keys.map((key) => this.stored(key)));
  }

  /** Before the batch. */
  stored<S = unknown>(key: ResourceKey): Promise<Resource<S> | undefined> {
    const id = keyText(key);
    const read = this.#reads.get(id) ?? this.#reader.get({ kind: key.kind, mesh: key.mesh, name: key.name });
    this.#reads.set(id, read);
    return read as Promise<Resource<S> | undefined>;
  }

  /** After the batch. */
  async resulting<S = unknown>(key: ResourceKey): Promise<ResourceInput<S> | undefined> {
    const id = keyText(key);
    this.#hasAskedForUnread ||= this.#unread.has(id);
    if (this.#deletes.has(id)) return undefined;
    return (this.#puts.get(id) as ResourceInput<S> | undefined) ?? (await this.stored<S>(key));
  }

  isUnread(key: ResourceKey): boolean {
    return this.#unread.has(keyText(key));
  }

  /** Whether somebody has asked, since this was asked the last time, for what an unread document might change. */
  takeHasAskedForUnread(): boolean {
    const hasAsked = this.#hasAskedForUnread;
    this.#hasAskedForUnread = false;
    return hasAsked;
  }

  deletes(key: ResourceKey): boolean {
    return this.#deletes.has(keyText(key));
  }

  /** What the store holds and the batch does not delete. */
  async remaining(kind: string, filter: ListFilter): Promise<readonly Resource[]> {
    const listed = await this.#reader.list(kind, filter);
    return listed.filter((resource) => !this.deletes(resource));
  }

  /** Every resource of a kind in a mesh, after the batch; listed once, however many requests ask. */
  resultingAll<S = unknown>(kind: string, mesh: string): Promise<readonly ResourceInput<S>[]> {
    const id = `${kind}/${mesh}`;
    this.#hasAskedForUnread ||= [...this.#unread.values()].some((key) => key.kind === kind && key.mesh === mesh);
    const listed = this.#lists.get(id) ?? this.#listResulting(kind, mesh);
    this.#lists.set(id, listed);
    return listed as Promise<readonly ResourceInput<S>[]>;
  }

  async #listResulting(kind: string, mesh: string): Promise<readonly ResourceInput[]> {
    const puts = [...this.#puts.values()].filter((resource) => resource.kind === kind && resource.mesh === mesh);
    const remaining = await this.remaining(kind, { mesh });
    return [...remaining.filter((resource) => !this.#puts.has(keyText(resource))), ...puts];
  }
}
