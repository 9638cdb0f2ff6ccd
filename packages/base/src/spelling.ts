/** Case and separators do not count: `traffic-route` is `TrafficRoute`. */
export function squash(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** One slip of the fingers away, or a part of it. Both squashed. */
export function isNear(name: string, typed: string): boolean {
  if (typed.length >= 4 && name.includes(typed)) return true;
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

/** `Did you mean a or b?`, with the nearest first; undefined where nothing is near. */
export function didYouMean(typed: string, known: readonly string[]): string | undefined {
  const wanted = squash(typed);
  const near = known
    .filter((name) => isNear(squash(name), wanted))
    .sort((a, b) => editDistance(squash(a), wanted) - editDistance(squash(b), wanted));
  return near.length === 0 ? undefined : `Did you mean ${near.slice(0, 3).join(" or ")}?`;
}
