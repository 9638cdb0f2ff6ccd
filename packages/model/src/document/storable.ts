import type { Keys } from "./schema-walk.ts";

/** Far more than any kind needs; it keeps recursion over user input bounded. */
const maxDepth = 64;

export interface Unstorable {
  readonly keys: Keys;
  readonly message: string;
  /** It is the last key itself, not what stands there. */
  readonly isKey?: true;
}

/**
 * What JSON can say but stores cannot keep: NUL (Postgres `jsonb` refuses it) and halves of surrogate pairs (no UTF-8 for them), in
 * texts and in field names; and nesting without end.
 */
export function findUnstorable(value: unknown, keys: Keys = []): readonly Unstorable[] {
  if (typeof value === "string") return isStorable(value) ? [] : [{ keys, message: "must be valid UTF-8 text without NUL" }];
  if (typeof value !== "object" || value === null) return [];
  if (keys.length > maxDepth) return [{ keys, message: `must not be nested deeper than ${maxDepth} levels` }];
  if (Array.isArray(value)) return value.flatMap((item, index) => findUnstorable(item, [...keys, index]));
  return Object.entries(value).flatMap(([key, member]): readonly Unstorable[] => {
    const place = [...keys, key];
    if (isStorable(key)) return findUnstorable(member, place);
    return [{ keys: place, message: "field names must be valid UTF-8 text without NUL", isKey: true }];
  });
}

function isStorable(text: string): boolean {
  return !text.includes("\0") && !/\p{Surrogate}/u.test(text);
}
