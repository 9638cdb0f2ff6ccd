import { keyText, type Resource, type ResourceInput, type ResourceKey } from "@meridian/model";
import type { ListFilter, ResourceReader } from "@meridian/store";
import type { WriteRequest } from "./ports.ts";

/**
 * The store as it will be after the batch, so that rules see a mesh, a secret or a deletion of the same batch. Each key is read
 * once: all rules of a batch judge the same state.
 */
export class BatchView {
  readonly #reader: ResourceReader;
  readonly #reads = new Map<string, Promise<Resource | undefined>>();
  readonly #puts = new Map<string, ResourceInput>();
  readonly #deletes = new Set<string>();
  readonly #lists = new Map<string, Promise<readonly ResourceInput[]>>();

  constructor(reader: ResourceReader, requests: readonly WriteRequest[]) {
    this.#reader = reader;
    for (const request of requests) {
      if (request.op === "put") this.#puts.set(keyText(request.resource), request.resource);
      else this.#deletes.add(keyText(request.key));
    }
  }

  /** Reads what the requests concern, side by side: one after the other would cost a round trip each. */
  async prefetch(requests: readonly WriteRequest[]): Promise<void> {
    await Promise.all(requests.map((request) => this.stored(request.op === "put" ? request.resource : request.key)));
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
    if (this.#deletes.has(id)) return undefined;
    return (this.#puts.get(id) as ResourceInput<S> | undefined) ?? (await this.stored<S>(key));
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
