import { http } from "./http.ts";

/** Values of a `/metrics` page by series, as `name` or `name{label="value"}`. */
export async function readMetrics(address: string): Promise<ReadonlyMap<string, number>> {
  const { body } = await http({ url: `${address}/metrics` });
  const lines = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}

/** Adds up every series of a name whose labels contain `labels`; 0 when there is none. */
export function sumOf(metrics: ReadonlyMap<string, number>, name: string, labels = ""): number {
  let sum = 0;
  for (const [series, value] of metrics) {
    if ((series === name || series.startsWith(`${name}{`)) && series.includes(labels)) sum += value;
  }
  return sum;
}
