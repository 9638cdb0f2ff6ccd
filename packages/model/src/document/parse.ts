import { parseAllDocuments } from "yaml";

/** One document of a file, as written; `toResourceInput` makes a resource of it. */
export interface ParsedDocument {
  readonly value: unknown;
  /** File name, URL, `stdin`. */
  readonly source: string;
  /** Position in the source, from 0; empty documents count. */
  readonly index: number;
  /** Line on which it starts, from 1. */
  readonly line: number;
}

/** Text that is no YAML or JSON, with its place. */
export interface DocumentProblem {
  readonly source: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly message: string;
}

export interface ParsedDocuments {
  readonly documents: readonly ParsedDocument[];
  readonly problems: readonly DocumentProblem[];
}

/**
 * Reads a file of YAML documents, or of one JSON value. Empty documents are left out. A broken document does not hide the
 * mistakes of the others: every problem is reported.
 */
export function parseDocuments(text: string, options: { readonly source: string }): ParsedDocuments {
  const { source } = options;
  const json = parseJson(text);
  if (json !== undefined) return { documents: [{ value: json, source, index: 0, line: 1 }], problems: [] };

  try {
    return parseYaml(text, source);
  } catch (error) {
    // The library recurses, so text with some thousand open brackets ends its stack.
    const message = error instanceof RangeError ? "nested too deeply" : String(error);
    return { documents: [], problems: [{ source, line: 1, column: 1, message }] };
  }
}

function parseYaml(text: string, source: string): ParsedDocuments {
  const lineStarts = lineStartsOf(text);
  const documents: ParsedDocument[] = [];
  const problems: DocumentProblem[] = [];
  const parsed = parseAllDocuments(text, { prettyErrors: false, logLevel: "silent", stringKeys: true });
  for (const [index, document] of ("empty" in parsed ? [] : parsed).entries()) {
    const mistakes = [...document.errors, ...document.warnings];
    for (const mistake of mistakes) {
      problems.push({ source, ...placeOf(mistake.pos[0], lineStarts), message: mistake.message });
    }
    if (mistakes.length > 0 || document.contents === null) continue;
    const start = placeOf(document.contents.range?.[0] ?? 0, lineStarts);
    try {
      const value: unknown = document.toJS({ maxAliasCount: 100 });
      if (value !== null) documents.push({ value, source, index, line: start.line });
    } catch (error) {
      // The library throws here for aliases that would expand without end.
      problems.push({ source, ...start, message: error instanceof Error ? error.message : String(error) });
    }
  }
  return { documents, problems };
}

/** JSON is nearly YAML, but large JSON is read far faster as JSON. */
function parseJson(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function placeOf(offset: number, lineStarts: readonly number[]): { readonly line: number; readonly column: number } {
  let line = lineStarts.findLastIndex((start) => start <= offset);
  if (line < 0) line = 0;
  return { line: line + 1, column: offset - (lineStarts[line] ?? 0) + 1 };
}
