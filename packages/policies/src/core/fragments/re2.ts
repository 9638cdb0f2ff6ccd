/** What JavaScript knows and RE2 refuses: looking around, and references back. */
const beyondRe2 = /\(\?(?:[=!]|<[=!])|\\[1-9]|\\k</;

/**
 * Whether `text` is an RE2 expression, by the means of JavaScript: what only RE2 knows (flags `(?i)`, names `(?P<n>…)`, POSIX
 * classes, `\A`, `\z`, `\Q…\E`, `\pN`) is replaced by something harmless first.
 */
export function isRe2(text: string): boolean {
  const unquoted = text.replace(/\\Q.*?(?:\\E|$)/gs, "q");
  if (beyondRe2.test(unquoted.replaceAll("\\\\", ""))) return false;
  const translated = unquoted
    .replace(/\(\?P?<(\w+)>/g, "(")
    .replace(/\(\?[imsU]*(?:-[imsU]+)?\)/g, "")
    .replace(/\(\?[imsU]*(?:-[imsU]+)?:/g, "(?:")
    .replace(/\[:\^?[a-z]+:\]/g, "a");
  try {
    new RegExp(translated);
    return true;
  } catch {
    return false;
  }
}
