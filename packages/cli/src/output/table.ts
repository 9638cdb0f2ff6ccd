import type { TextStyle } from "./style.ts";

/** Columns as wide as their widest cell, two spaces apart. Cells may be coloured: escape sequences take no room. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[], style: TextStyle): string {
  const widths = header.map((title, column) => Math.max(...[title, ...rows.map((row) => row[column] ?? "")].map(visibleWidth)));
  return [header.map(style.bold), ...rows].map((cells) => renderLine(cells, widths)).join("");
}

/** A table whose rows come one by one: a column is as wide as the widest cell so far, at least `widths`. */
export function growingTable(widths: readonly number[]): (cells: readonly string[]) => string {
  let known = widths;
  return (cells) => {
    known = known.map((width, column) => Math.max(width, visibleWidth(cells[column] ?? "")));
    return renderLine(cells, known);
  };
}

function renderLine(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, column) => cell + " ".repeat(Math.max((widths[column] ?? 0) - visibleWidth(cell), 0)));
  return `${padded.join("  ").trimEnd()}\n`;
}

function visibleWidth(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for.
  return text.replace(/\u001b\[\d+m/g, "").length;
}
