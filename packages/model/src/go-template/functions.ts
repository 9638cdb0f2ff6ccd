import { printf } from "./printf.ts";
import { isTrue, TemplateProblem, textOf, type Value } from "./value.ts";

type Implementation = (args: readonly Value[], name: string) => Value;

/** The functions of Go's text/template that make sense for texts and numbers. `label` is the caller's own. */
export const builtins: Readonly<Record<string, Implementation>> = {
  and: (args) => args[firstIndex(args, (arg) => !isTrue(arg))],
  or: (args) => args[firstIndex(args, isTrue)],
  not: ([value]) => !isTrue(value),
  eq: ([value, ...others], name) => others.some((other) => compare(value, other, name) === 0),
  ne: ([a, b], name) => compare(a, b, name) !== 0,
  lt: ([a, b], name) => compare(a, b, name) < 0,
  le: ([a, b], name) => compare(a, b, name) <= 0,
  gt: ([a, b], name) => compare(a, b, name) > 0,
  ge: ([a, b], name) => compare(a, b, name) >= 0,
  len: ([text], name) => Buffer.byteLength(wantText(text, name)),
  slice: ([text, from, to], name) => slice(wantText(text, name), from, to),
  print: (args) => print(args),
  println: (args) => `${args.map(textOf).join(" ")}\n`,
  printf: ([format, ...args], name) => printf(wantText(format, name), args),
  html: (args) => print(args).replace(/[&<>'"]/g, (character) => `&#${character.charCodeAt(0)};`),
  urlquery: (args) => encodeURIComponent(print(args)).replaceAll("%20", "+"),
};

/** Where the first value stands that decides; the last one decides otherwise. */
function firstIndex(args: readonly Value[], decides: (arg: Value) => boolean): number {
  const index = args.findIndex(decides);
  return index < 0 ? args.length - 1 : index;
}

/** Fewest and most arguments; absent: any number, but at least one. */
const arities: Readonly<Record<string, readonly [number, number]>> = {
  not: [1, 1],
  eq: [2, Number.POSITIVE_INFINITY],
  ne: [2, 2],
  lt: [2, 2],
  le: [2, 2],
  gt: [2, 2],
  ge: [2, 2],
  len: [1, 1],
  slice: [1, 3],
  label: [1, 1],
  print: [0, Number.POSITIVE_INFINITY],
  println: [0, Number.POSITIVE_INFINITY],
};

export function checkArity(name: string, count: number): void {
  const [fewest, most] = arities[name] ?? [1, Number.POSITIVE_INFINITY];
  if (count < fewest || count > most) throw new TemplateProblem(`wrong number of args for ${name}: got ${count}`);
}

export function wantText(value: Value, name: string): string {
  if (typeof value === "string") return value;
  throw new TemplateProblem(`${name} wants a text, not ${textOf(value)}`);
}

function compare(a: Value, b: Value, name: string): number {
  if (typeof a !== typeof b) throw new TemplateProblem(`${name}: incompatible types for comparison`);
  if (a === b) return 0;
  if (a === undefined || b === undefined) return 1;
  return a < b ? -1 : 1;
}

function slice(text: string, from: Value = 0, to: Value = text.length): string {
  if (typeof from !== "number" || typeof to !== "number") throw new TemplateProblem("slice wants numbers");
  if (from < 0 || to > text.length || from > to) throw new TemplateProblem(`slice: index out of range: ${from}, ${to}`);
  return text.slice(from, to);
}

/** A space between two operands where neither is a text. */
function print(args: readonly Value[]): string {
  return args
    .map((arg, index) => {
      const needsSpace = index > 0 && typeof arg !== "string" && typeof args[index - 1] !== "string";
      return `${needsSpace ? " " : ""}${textOf(arg)}`;
    })
    .join("");
}
