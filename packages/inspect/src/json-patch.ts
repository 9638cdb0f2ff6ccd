import { compareText } from "@meridian/model";

/** One step of an RFC 6902 patch. */
export type PatchStep =
  | { readonly op: "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

/**
 * The RFC 6902 patch that makes `after` of `before`, sorted by path; empty for equal values. Lists are told item by item as long as
 * they have equal lengths, else as a whole: their items have no names by which to follow them.
 */
export function jsonPatch(before: unknown, after: unknown, path = ""): readonly PatchStep[] {
  if (before === after) return [];
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, index) => jsonPatch(item, after[index], `${path}/${index}`));
  }
  if (isObject(before) && isObject(after)) return objectPatch(before, after, path);
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ op: "replace", path, value: after }];
}

type JsonObject = Readonly<Record<string, unknown>>;

function objectPatch(before: JsonObject, after: JsonObject, path: string): readonly PatchStep[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(compareText);
  return keys.flatMap((key): readonly PatchStep[] => {
    const at = `${path}/${escapeKey(key)}`;
    if (!(key in after)) return [{ op: "remove", path: at }];
    if (!(key in before)) return [{ op: "add", path: at, value: after[key] }];
    return jsonPatch(before[key], after[key], at);
  });
}

/** RFC 6901: `~` and `/` have a meaning in a pointer. */
function escapeKey(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
