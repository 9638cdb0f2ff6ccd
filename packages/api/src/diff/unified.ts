import { diffLines, type LineEdit } from "./myers.ts";

const contextLines = 3;
const marks = { keep: " ", remove: "-", add: "+" } as const;

export interface UnifiedTitles {
  readonly before: string;
  readonly after: string;
}

/**
 * A unified diff of two texts whose lines all end with a newline; "" when they are equal. Format: POSIX `diff -u`, as patch(1) and
 * every code review reads it.
 */
export function unifiedDiff(before: string, after: string, titles: UnifiedTitles): string {
  if (before === after) return "";
  const edits = diffLines(linesOf(before), linesOf(after));
  const hunks = hunksOf(edits).map((hunk) => renderHunk(edits, hunk));
  return `--- ${titles.before}\n+++ ${titles.after}\n${hunks.join("")}`;
}

function linesOf(text: string): readonly string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** Edits `start` up to, not including, `end`. */
interface Hunk {
  readonly start: number;
  readonly end: number;
}

/** Each change with the lines around it; those whose surroundings meet are one. */
function hunksOf(edits: readonly LineEdit[]): readonly Hunk[] {
  const hunks: Hunk[] = [];
  edits.forEach(({ op }, index) => {
    if (op === "keep") return;
    const start = Math.max(index - contextLines, 0);
    const end = Math.min(index + contextLines + 1, edits.length);
    const last = hunks.at(-1);
    if (last && start <= last.end) hunks[hunks.length - 1] = { start: last.start, end };
    else hunks.push({ start, end });
  });
  return hunks;
}

function renderHunk(edits: readonly LineEdit[], { start, end }: Hunk): string {
  const within = edits.slice(start, end);
  const before = range(edits, within, start, "add");
  const after = range(edits, within, start, "remove");
  return `@@ -${before} +${after} @@\n${within.map(({ op, line }) => `${marks[op]}${line}\n`).join("")}`;
}

/** `first line,count` of one side: that which has no lines of the other side's kind. An empty range names the line before it. */
function range(edits: readonly LineEdit[], within: readonly LineEdit[], start: number, other: LineEdit["op"]): string {
  const linesBefore = edits.slice(0, start).filter(({ op }) => op !== other).length;
  const count = within.filter(({ op }) => op !== other).length;
  return `${count === 0 ? linesBefore : linesBefore + 1},${count}`;
}
