import fc from "fast-check";
import { expect, test } from "vitest";
import { diffLines, type LineEdit } from "./myers.ts";
import { unifiedDiff } from "./unified.ts";

const lines = fc.array(fc.constantFrom("a", "b", "c", "", "- a"), { maxLength: 14 });
const side = (edits: readonly LineEdit[], other: LineEdit["op"]) =>
  edits.filter(({ op }) => op !== other).map(({ line }) => line);

test("an edit script leads from one text to the other, and not one line further than it must", () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const script = diffLines(before, after);
      expect(side(script, "add")).toEqual(before);
      expect(side(script, "remove")).toEqual(after);
      expect(script.filter(({ op }) => op === "keep")).toHaveLength(longestCommonLength(before, after));
    }),
    { numRuns: 500 },
  );
});

test("a bound on the edits costs brevity, never correctness", () => {
  fc.assert(
    fc.property(lines, lines, fc.nat({ max: 5 }), (before, after, maxEdits) => {
      const script = diffLines(before, after, maxEdits);
      expect(side(script, "add")).toEqual(before);
      expect(side(script, "remove")).toEqual(after);
    }),
  );
});

test("a unified diff applied to the one text gives the other", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", "", "-x", "+y", "@@"), { maxLength: 30 }).map(textOf);
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = unifiedDiff(before, after, { before: "x", after: "y" });
      expect(patch(before, diff)).toBe(after);
      expect(diff === "").toBe(before === after);
    }),
    { numRuns: 500 },
  );
});

test("a unified diff shows changes with three lines around them, far ones apart", () => {
  const before = textOf(Array.from({ length: 20 }, (_, n) => `line ${n + 1}`));
  const after = before.replace("line 2\n", "line two\n").replace("line 18\n", "");
  expect(unifiedDiff(before, after, { before: "old", after: "new" })).toBe(`--- old
+++ new
@@ -1,5 +1,5 @@
 line 1
-line 2
+line two
 line 3
 line 4
 line 5
@@ -15,6 +15,5 @@
 line 15
 line 16
 line 17
-line 18
 line 19
 line 20
`);
  expect(unifiedDiff("", "a\n", { before: "old", after: "new" })).toBe("--- old\n+++ new\n@@ -0,0 +1,1 @@\n+a\n");
});

test("two large texts that share nothing are answered at once", () => {
  const texts = ["a", "b"].map((letter) => Array.from({ length: 50_000 }, (_, n) => `${letter}${n}`));
  expect(diffLines(texts[0] ?? [], texts[1] ?? [])).toHaveLength(100_000);
});

function textOf(parts: readonly string[]): string {
  return parts.map((part) => `${part}\n`).join("");
}

function longestCommonLength(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const left of a) {
    const next = [0];
    b.forEach((right, j) => {
      next.push(left === right ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    });
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** What patch(1) does, and as strict: every line that the diff keeps or removes must be there. */
function patch(text: string, diff: string): string {
  if (diff === "") return text;
  const source = text === "" ? [] : text.slice(0, -1).split("\n");
  const result: string[] = [];
  let position = 0;
  for (const line of diff.slice(0, -1).split("\n").slice(2)) {
    const header = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@$/.exec(line);
    if (header) {
      const start = Number(header[2]) === 0 ? Number(header[1]) : Number(header[1]) - 1;
      result.push(...source.slice(position, start));
      position = start;
      expect(result).toHaveLength(Number(header[4]) === 0 ? Number(header[3]) : Number(header[3]) - 1);
      continue;
    }
    if (line[0] !== "+") expect(source[position++]).toBe(line.slice(1));
    if (line[0] !== "-") result.push(line.slice(1));
  }
  return textOf([...result, ...source.slice(position)]);
}
