import { type SQL, sql } from "drizzle-orm";

type Cell = string | number | null;

/**
 * `rows` as a table in SQL, named `rows`: one array parameter a column, so that a statement has the same text for any number of
 * rows. All arrive as text and are cast where they are used, which spares both drivers from guessing how to write an array.
 */
export function unnestRows<Column extends string>(
  rows: readonly Readonly<Record<Column, Cell>>[],
  columns: readonly Column[],
): SQL {
  const arrays = columns.map((column) => sql`${sql.param(rows.map((row) => textOf(row[column])))}::text[]`);
  const names = columns.map((column) => sql.identifier(column));
  return sql`unnest(${sql.join(arrays, sql`, `)}) as rows(${sql.join(names, sql`, `)})`;
}

function textOf(cell: Cell): string | null {
  return cell === null ? null : String(cell);
}

/** JSON as text, for a column of type json. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value);
}
