/** One line of the result: a figure, its floor of the same run, and the bar of design.md. */
export interface Row {
  readonly what: string;
  readonly n: number | undefined;
  readonly measured: string;
  readonly floor: string;
  readonly bar: string;
  readonly met: boolean | undefined;
}

export function ms(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

export function bytes(value: number): string {
  return value >= 2 ** 20 ? `${(value / 2 ** 20).toFixed(1)} MiB` : `${(value / 2 ** 10).toFixed(1)} KiB`;
}

/** `values` at quantile `q` in [0, 1]; the nearest rank. 0 for an empty list. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? 0;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** A Markdown table, so that the output can go into docs/performance.md as it is. */
export function markdown(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.what,
    row.n === undefined ? "" : String(row.n),
    row.measured,
    row.floor,
    row.bar,
    mark(row.met),
  ]);
  const all = [["what", "N", "measured", "floor, same run", "bar", "met"], ...cells];
  const widths = all[0]?.map((_unused, column) => Math.max(...all.map((line) => line[column]?.length ?? 0))) ?? [];
  const line = (values: readonly string[]): string =>
    `| ${values.map((value, column) => value.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = all;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body.map(line)].join("\n");
}

function mark(met: boolean | undefined): string {
  return met === undefined ? "" : met ? "yes" : "**no**";
}
