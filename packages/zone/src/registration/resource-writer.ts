import type { ResourceInput, ResourceKey, Revision } from "@meridian/model";
import type { Author } from "@meridian/store";

/** Writes that pass admission; what the zone needs of it. */
export interface ResourceWriter {
  /**
   * Writes a resource; unchanged content costs nothing.
   * @param options.expect the version that it must still have; `"absent"`: it must not be there yet.
   * @throws an error that says what is wrong with it; ConflictError when it has another version.
   */
  put(
    resource: ResourceInput,
    author: Author,
    options?: { readonly expect?: Revision | "absent" },
  ): Promise<{ readonly revision: Revision }>;
  /** Writes resources that are not there yet, all or none. @throws ConflictError when one of them is there. */
  create(resources: readonly ResourceInput[], author: Author): Promise<void>;
  /** Removing what is not there is fine. */
  remove(key: ResourceKey, author: Author): Promise<void>;
}
