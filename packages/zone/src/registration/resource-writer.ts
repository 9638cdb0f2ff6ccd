import type { ResourceInput, ResourceKey, Revision } from "@meridian/model";
import type { Author } from "@meridian/store";

/** Writes that pass admission; what the zone needs of it. */
export interface ResourceWriter {
  /**
   * Writes a resource; unchanged content costs nothing.
   * @param options.expect the version that it must still have.
   * @throws an error that says what is wrong with it; ConflictError when it has another version.
   */
  put(
    resource: ResourceInput,
    author: Author,
    options?: { readonly expect?: Revision },
  ): Promise<{ readonly revision: Revision }>;
  /** Removing what is not there is fine. */
  remove(key: ResourceKey, author: Author): Promise<void>;
}
