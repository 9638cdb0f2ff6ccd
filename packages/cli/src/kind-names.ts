import type { Client, ResourceKindAnswer } from "@meridian/client";
import { usageFailure } from "./failure.ts";

/**
 * The kind that a user means: `TrafficRoute`, `traffic-route`, `traffic-routes`, `trafficroute`, or a short name. The control plane
 * says which kinds there are, so the command line needs no release for a new one.
 */
export async function resolveKind(client: Client, typed: string): Promise<ResourceKindAnswer> {
  const kinds = await client.kinds();
  const wanted = squash(typed);
  const exact = kinds.find((kind) => namesOf(kind).includes(wanted));
  if (exact) return exact;
  const near = kinds.filter((kind) => namesOf(kind).some((name) => isNear(name, wanted))).map(preferredName);
  const known = kinds.map(preferredName).sort();
  throw usageFailure(
    `there is no kind "${typed}"`,
    near.length > 0 ? `Did you mean ${near.slice(0, 3).join(" or ")}?` : `Known kinds: ${known.join(", ")}`,
  );
}

/** `traffic-route`, as completion offers it. */
export function preferredName(kind: ResourceKindAnswer): string {
  return kind.path;
}

function namesOf(kind: ResourceKindAnswer): readonly string[] {
  const names = [kind.name, `${kind.name}s`, kind.path, kind.singularDisplayName, kind.pluralDisplayName, kind.shortName ?? ""];
  return names.filter((name) => name !== "").map(squash);
}

/** Case and separators do not count. */
function squash(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** One slip of the fingers away, or the beginning of it. */
function isNear(name: string, typed: string): boolean {
  if (typed.length >= 4 && (name.startsWith(typed) || name.includes(typed))) return true;
  if (Math.abs(name.length - typed.length) > 2) return false;
  return editDistance(name, typed) <= 2;
}

/** Levenshtein, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
