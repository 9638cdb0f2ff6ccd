import { createContext, Script } from "node:vm";

/** What RE2 reads otherwise than JavaScript (github.com/google/re2/wiki/Syntax): classes of POSIX, `\\A`, `\\z`, `\\Q…\\E`, `\\C`, `\\p`. */
const onlyInRe2 = /\[\[:|\\[AzQECpP]/;
/** Flags at the start, for the whole expression. */
const leadingFlags = /^\(\?([ims]+)\)/;
/** RE2 needs time in proportion to the text; an expression for which JavaScript needs much more is not followed to its end. */
const patienceMs = 50;

const script = new Script("new RegExp(source, flags).test(text)");
const context = createContext({ source: "", flags: "", text: "" });

/** Whether an expression fits a whole text; undefined where JavaScript cannot read it, or takes too long. */
export function fitsRe2(regex: string, text: string): boolean | undefined {
  if (onlyInRe2.test(regex)) return undefined;
  const flags = leadingFlags.exec(regex)?.[1] ?? "";
  const pattern = regex.replace(leadingFlags, "").replaceAll("(?P<", "(?<");
  Object.assign(context, { source: `^(?:${pattern})$`, flags: [...new Set(flags)].join(""), text });
  try {
    return script.runInContext(context, { timeout: patienceMs }) as boolean;
  } catch {
    return undefined;
  } finally {
    Object.assign(context, { source: "", text: "" });
  }
}
