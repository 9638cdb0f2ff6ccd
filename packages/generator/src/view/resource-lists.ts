import { keyText, type Resource } from "@meridian/model";

const none: readonly Resource[] = [];

/** Resources of a mesh by kind, sorted by key. */
export class ResourceLists {
  readonly #byKind = new Map<string, Map<string, Resource>>();
  /** Sorted, made when asked for. */
  readonly #sorted = new Map<string, readonly Resource[]>();

  put(resource: Resource): true {
    const { kind } = resource;
    const ofKind = this.#byKind.get(kind) ?? new Map<string, Resource>();
    ofKind.set(keyText(resource), resource);
    this.#byKind.set(kind, ofKind);
    this.#sorted.delete(kind);
    return true;
  }

  delete(kind: string, key: string): boolean {
    this.#sorted.delete(kind);
    return this.#byKind.get(kind)?.delete(key) ?? false;
  }

  of(kind: string): readonly Resource[] {
    const ofKind = this.#byKind.get(kind);
    if (!ofKind || ofKind.size === 0) return none;
    let sorted = this.#sorted.get(kind);
    if (!sorted) {
      sorted = [...ofKind].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => resource);
      this.#sorted.set(kind, sorted);
    }
    return sorted;
  }
}
