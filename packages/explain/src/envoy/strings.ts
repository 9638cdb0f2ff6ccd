import { type Json, listOf } from "./json.ts";
import { fitsRe2 } from "./re2.ts";

/*
 * Three-valued: undefined is "cannot be told here", for matchers that this does not know. Sources: envoy.type.matcher.v3.StringMatcher,
 * envoy.config.route.v3.HeaderMatcher and QueryParameterMatcher.
 */

/** Envoy `StringMatcher`; a regex has to fit the whole text. */
export function fitsString(matcher: Json, text: string): boolean | undefined {
  const { exact, prefix, suffix, contains, safeRegex, ignoreCase } = matcher;
  const fold = (value: string): string => (ignoreCase === true ? value.toLowerCase() : value);
  if (typeof exact === "string") return fold(text) === fold(exact);
  if (typeof prefix === "string") return fold(text).startsWith(fold(prefix));
  if (typeof suffix === "string") return fold(text).endsWith(fold(suffix));
  if (typeof contains === "string") return fold(text).includes(fold(contains));
  return fitsRegex(safeRegex, text);
}

/** Envoy `RegexMatcher`, which has to fit the whole text. */
export function fitsRegex(safeRegex: unknown, text: string): boolean | undefined {
  const { regex } = Object(safeRegex) as { readonly regex?: string };
  return regex === undefined ? undefined : fitsRe2(regex, text);
}

/**
 * Envoy `HeaderMatcher`. @param value all values of the header joined by commas; undefined: it is not there, which fits no value,
 * inverted or not, unless it is to count as empty.
 */
export function fitsHeader(matcher: Json, value: string | undefined): boolean | undefined {
  const isInverted = matcher["invertMatch"] === true;
  const { presentMatch, treatMissingHeaderAsEmpty } = matcher;
  const isMissing = value === undefined && treatMissingHeaderAsEmpty !== true;
  if (typeof presentMatch === "boolean") return (presentMatch === !isMissing) !== isInverted;
  if (isMissing) return hasValueMatch(matcher) ? false : isInverted;
  const fits = fitsHeaderValue(matcher, value ?? "");
  return fits === undefined ? undefined : fits !== isInverted;
}

function hasValueMatch({ name: _name, invertMatch: _invert, ...match }: Json): boolean {
  return Object.keys(match).length > 0;
}

function fitsHeaderValue(matcher: Json, value: string): boolean | undefined {
  const { stringMatch, rangeMatch, exactMatch, prefixMatch, suffixMatch, containsMatch, safeRegexMatch } = matcher;
  if (stringMatch) return fitsString(stringMatch as Json, value);
  if (rangeMatch) return fitsRange(rangeMatch as Json, value);
  if (safeRegexMatch) return fitsRegex(safeRegexMatch, value);
  const older = { exact: exactMatch, prefix: prefixMatch, suffix: suffixMatch, contains: containsMatch };
  if (Object.values(older).some((part) => part !== undefined)) return fitsString(older, value);
  // A name alone: the header has to be there.
  return hasValueMatch(matcher) ? undefined : true;
}

/** Half open; int64 comes as text in proto JSON. */
function fitsRange({ start = 0, end = 0 }: Json, value: string): boolean {
  return /^-?\d+$/.test(value) && Number(value) >= Number(start) && Number(value) < Number(end);
}

/** Envoy `QueryParameterMatcher`s of a route against the text behind the `?`; the first value of a name counts, as it stands. */
export function fitsQuery(matchers: unknown, query: string): boolean | undefined {
  const values = new Map<string, string>();
  for (const part of query.split("&")) {
    const [name = "", ...rest] = part.split("=");
    if (part !== "" && !values.has(name)) values.set(name, rest.join("="));
  }
  return allOf(
    listOf(matchers).map(({ name, stringMatch, presentMatch }) => {
      const value = values.get(String(name));
      if (stringMatch) return value !== undefined && fitsString(stringMatch as Json, value);
      return (value !== undefined) === (presentMatch ?? true);
    }),
  );
}

/** True wins, then the unknown. */
export function anyOf(values: readonly (boolean | undefined)[]): boolean | undefined {
  if (values.includes(true)) return true;
  return values.includes(undefined) ? undefined : false;
}

export function allOf(values: readonly (boolean | undefined)[]): boolean | undefined {
  if (values.includes(false)) return false;
  return values.includes(undefined) ? undefined : true;
}

export function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}
