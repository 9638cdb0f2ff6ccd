import type { Resource } from "@meridian/model";
import type { StatusEntry } from "@meridian/store";

/** An insight as a resource, so that it is listed and rendered like any other. It has no history, so no version. */
export function insightAsResource(entry: StatusEntry & { readonly creationTime?: string }): Resource {
  const modificationTime = entry.modificationTime ?? new Date(0).toISOString();
  const { creationTime = modificationTime } = entry;
  return { ...entry.key, labels: {}, spec: entry.value, version: 0, creationTime, modificationTime };
}
