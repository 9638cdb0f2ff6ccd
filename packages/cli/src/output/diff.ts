import type { TextStyle } from "./style.ts";

/** A unified diff with colours: what went, what came, and where. */
export function colourDiff(diff: string, style: TextStyle): string {
  return diff
    .split("\n")
    .map((line) => {
      if (line.startsWith("--- ") || line.startsWith("+++ ")) return style.bold(line);
      if (line.startsWith("@@")) return style.dim(line);
      if (line.startsWith("+")) return style.good(line);
      return line.startsWith("-") ? style.bad(line) : line;
    })
    .join("\n");
}
