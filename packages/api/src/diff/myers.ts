/** One line on the way from one text to the other. */
export interface LineEdit {
  readonly op: "keep" | "remove" | "add";
  readonly line: string;
}

/** Beyond it texts have little in common, and a shortest script would cost time and memory by the square. */
const defaultMaxEdits = 1_000;

/**
 * The shortest way from one text to another by removing and adding lines. Source: E. Myers, "An O(ND) Difference Algorithm and Its
 * Variations" (1986), the greedy algorithm of section 4. A way of more than `maxEdits` is not looked for: then what lies between the
 * equal beginning and the equal end is removed and added as a whole.
 */
export function diffLines(
  before: readonly string[],
  after: readonly string[],
  maxEdits: number = defaultMaxEdits,
): readonly LineEdit[] {
  const start = commonStart(before, after);
  const end = commonEnd(before, after, start);
  const a = before.slice(start, before.length - end);
  const b = after.slice(start, after.length - end);
  return [
    ...edits("keep", before.slice(0, start)),
    ...(shortestScript(a, b, maxEdits) ?? [...edits("remove", a), ...edits("add", b)]),
    ...edits("keep", before.slice(before.length - end)),
  ];
}

function edits(op: LineEdit["op"], lines: readonly string[]): readonly LineEdit[] {
  return lines.map((line) => ({ op, line }));
}

function commonStart(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

function commonEnd(a: readonly string[], b: readonly string[], start: number): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) - start && a.at(-1 - length) === b.at(-1 - length)) length++;
  return length;
}

/**
 * `x` counts lines of `a`, `y` of `b`; diagonal `k` is where x - y = k. `furthest[k]` is the largest x that some way of `d` edits
 * reaches on diagonal k. What it was before each d is kept, to find the way back.
 */
function shortestScript(a: readonly string[], b: readonly string[], maxEdits: number): readonly LineEdit[] | undefined {
  const bound = Math.min(a.length + b.length, maxEdits);
  const middle = bound + 1;
  const furthest = new Int32Array(2 * bound + 3);
  const history: Int32Array[] = [];
  for (let d = 0; d <= bound; d++) {
    history.push(furthest.slice(middle - d - 1, middle + d + 2));
    for (let k = -d; k <= d; k += 2) {
      let x = firstStep((diagonal) => furthest[middle + diagonal] ?? 0, k, d).x;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      furthest[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, history);
    }
  }
  return undefined;
}

/** How the furthest way of d - 1 edits goes on to diagonal k: down adds a line of `b`, right removes one of `a`. */
function firstStep(
  furthestOn: (diagonal: number) => number,
  k: number,
  d: number,
): { readonly x: number; readonly from: number } {
  if (d === 0) return { x: 0, from: 0 };
  const isDown = k === -d || (k !== d && furthestOn(k - 1) < furthestOn(k + 1));
  return isDown ? { x: furthestOn(k + 1), from: k + 1 } : { x: furthestOn(k - 1) + 1, from: k - 1 };
}

function walkBack(a: readonly string[], b: readonly string[], history: readonly Int32Array[]): readonly LineEdit[] {
  const reversed: LineEdit[] = [];
  let x = a.length;
  let k = a.length - b.length;
  for (let d = history.length - 1; d >= 0; d--) {
    const known = history[d];
    const step = firstStep((diagonal) => known?.[diagonal + d + 1] ?? 0, k, d);
    for (; x > step.x; x--) reversed.push({ op: "keep", line: a[x - 1] ?? "" });
    if (d === 0) break;
    if (step.from > k) reversed.push({ op: "add", line: b[x - k - 1] ?? "" });
    else reversed.push({ op: "remove", line: a[--x] ?? "" });
    k = step.from;
  }
  return reversed.reverse();
}
