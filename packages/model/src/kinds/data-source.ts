import type { DataSource, Unchecked } from "../fragments.ts";

const places = ["secret", "file", "inline", "inlineString"] as const;

/** A data source that names no place at all. An empty text is one: whether it can be loaded is not known here. */
export function isEmptyDataSource(source: Unchecked<DataSource>): boolean {
  return places.every((place) => source[place] === undefined);
}

/** The peer keeps one of several places, without a word; here it is the first, and the writer is told. */
export function dataSourceWarnings(path: string, source: DataSource | undefined): readonly string[] {
  const given = places.filter((place) => source?.[place] !== undefined);
  return given.length > 1 ? [`${path} has ${given.join(" and ")}: only ${given[0]} counts`] : [];
}
