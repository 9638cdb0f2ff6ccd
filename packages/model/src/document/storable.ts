import { at, type Violation } from "../violation.ts";
import { fieldPath } from "./schema-walk.ts";

/** Far more than any kind needs; it keeps recursion over user input bounded. */
const maxDepth = 64;

/**
 * What JSON can say but stores cannot keep: NUL (Postgres `jsonb` refuses it) and halves of surrogate pairs (no UTF-8 for them), in
 * texts and in field names; and nesting without end.
 */
export function findUnstorable(value: unknown, path: string, depth = 0): readonly Violation[] {
  if (typeof value === "string") return isStorable(value) ? [] : [{ path, message: "must be valid UTF-8 text without NUL" }];
  if (typeof value !== "object" || value === null) return [];
  if (depth > maxDepth) return [{ path, message: `must not be nested deeper than ${maxDepth} levels` }];
  if (Array.isArray(value)) return value.flatMap((item, index) => findUnstorable(item, at(path, index), depth + 1));
  return Object.entries(value).flatMap(([key, member]) => {
    const memberPath = fieldPath(path, key);
    if (!isStorable(key)) return [{ path, message: "field names must be valid UTF-8 text without NUL" }];
    return findUnstorable(member, memberPath, depth + 1);
  });
}

function isStorable(text: string): boolean {
  return !text.includes("\0") && !/\p{Surrogate}/u.test(text);
}
