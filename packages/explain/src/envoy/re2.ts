import { createContext, Script } from "node:vm";

/** What RE2 reads otherwise than JavaScript (github.com/google/re2/wiki/Syntax): classes of POSIX, `\A`, `\z`, `\Q…\E`, `\C`, `\p`. */
const onlyInRe2 = /\[\[:|\\[AzQECpP]/;
/** Flags at the start, for the whole expression. */
const leadingFlags = /^\(\?([ims]+)\)/;

/** Whether an expression fits a whole text; undefined where JavaScript cannot read it, or would take too long. */
export function fitsRe2(regex: string, text: string): boolean | undefined {
  if (onlyInRe2.test(regex)) return undefined;
  const flags = [...new Set(leadingFlags.exec(regex)?.[1] ?? "")].join("");
  const source = `^(?:${regex.replace(leadingFlags, "").replaceAll("(?P<", "(?<")})$`;
  try {
    return isTame(source, text) ? new RegExp(source, flags).test(text) : testWithin(patienceMs, { source, flags, text });
  } catch {
    return undefined;
  }
}

/** Far below a second. */
const mostSteps = 10_000_000;
/** Anything in brackets, and anything escaped, is one character. */
const singles = /\\.|\[\^?\]?(?:\\.|[^\]\\])*\]/gs;
const unbounded = /[*+]|\{\d+,\}/g;

/**
 * RE2 needs time in proportion to the text; JavaScript that to the power of the repetitions, and without bound where repetitions are
 * repeated.
 */
function isTame(source: string, text: string): boolean {
  const shape = source.replace(singles, "x");
  const repetitions = shape.match(unbounded)?.length ?? 0;
  return !/\)[*+{]/.test(shape) && text.length ** repetitions <= mostSteps;
}

/** By the clock, so only for what would else hold up the process. */
const patienceMs = 100;
const script = new Script("new RegExp(source, flags).test(text)");

function testWithin(
  timeout: number,
  globals: { readonly source: string; readonly flags: string; readonly text: string },
): boolean {
  return script.runInContext(createContext({ ...globals }), { timeout }) as boolean;
}
