import { at, type Violation } from "../violation.ts";
import { fieldPath, isObject } from "./schema-walk.ts";

/** Deeper than anything that a violation names. */
const maxDepth = 64;

/**
 * Violations in the order in which a reader of the document meets their places. A place that is not there comes right after the
 * nearest one around it that is; several violations of one place stay in their order.
 */
export function inPlaceOrder(violations: readonly Violation[], spec: unknown, prefix: string): readonly Violation[] {
  const ranks = new Map<string, number>();
  const walk = (value: unknown, path: string, depth: number): void => {
    if (!ranks.has(path)) ranks.set(path, ranks.size);
    if (depth > maxDepth) return;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(item, at(path, index), depth + 1);
    } else if (isObject(value)) {
      for (const [key, member] of Object.entries(value)) {
        // A field and the key of a map are written differently, and which it is only the schema knows.
        ranks.set(at(path, key), ranks.size);
        walk(member, fieldPath(path, key), depth + 1);
      }
    }
  };
  walk(spec, prefix, 0);
  const lengths = new Set([...ranks.keys()].map(({ length }) => length));
  return violations
    .map((violation) => ({ violation, rank: rankOf(violation.path, ranks, lengths) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ violation }) => violation);
}

/** @param lengths of the paths that have a rank: keys of maps may be long and full of dots, and not each piece is worth a look. */
function rankOf(path: string, ranks: ReadonlyMap<string, number>, lengths: ReadonlySet<number>): number {
  for (let end = path.length; end > 0; end--) {
    const isEndOfStep = end === path.length || path[end] === "." || path[end] === "[";
    const rank = isEndOfStep && lengths.has(end) ? ranks.get(path.slice(0, end)) : undefined;
    if (rank !== undefined) return rank;
  }
  return -1;
}
