import { TemplateProblem, textOf, type Value } from "./value.ts";

/** More than any name has; a width of a billion would take all memory. */
const maxWidth = 1000;

/** Go's `fmt.Sprintf` for texts, whole numbers and booleans. @throws TemplateProblem where Go would print an error text. */
export function printf(format: string, args: readonly Value[]): string {
  let next = 0;
  const text = format.replace(/%([-+ 0#]*)(\d*)(?:\.(\d*))?(.?)/gs, (directive, flags, width, precision, verb) => {
    if (verb === "%") return "%";
    if (next >= args.length) throw new TemplateProblem(`printf: nothing is left for ${directive}`);
    if (Number(width || 0) > maxWidth || Number(precision || 0) > maxWidth)
      throw new TemplateProblem(`printf: ${directive} is too wide`);
    const formatted = formatValue(args[next++], verb, precision === undefined ? undefined : Number(precision || 0));
    return pad(formatted, Number(width || 0), flags);
  });
  if (next < args.length) throw new TemplateProblem(`printf: ${args.length - next} more arguments than directives`);
  return text;
}

function formatValue(value: Value, verb: string, precision: number | undefined): string {
  if (verb === "v") return textOf(value);
  if (typeof value === "string") {
    const cut = precision === undefined ? value : [...value].slice(0, precision).join("");
    if (verb === "s") return cut;
    if (verb === "q") return JSON.stringify(cut);
    if (verb === "x") return Buffer.from(cut).toString("hex");
  }
  if (typeof value === "number" && Number.isInteger(value)) {
    if (verb === "d") return String(value);
    if (verb === "x") return value.toString(16);
  }
  if (typeof value === "boolean" && verb === "t") return String(value);
  throw new TemplateProblem(`printf: %${verb} does not fit ${JSON.stringify(textOf(value))}`);
}

function pad(text: string, width: number, flags: string): string {
  if (flags.includes("-")) return text.padEnd(width);
  return text.padStart(width, flags.includes("0") ? "0" : " ");
}
