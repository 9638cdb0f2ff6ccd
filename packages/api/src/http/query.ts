import type { Violation } from "@meridian/model";
import { invalid } from "./errors.ts";

/** Query parameters as the router gives them: one value, or several of the same name. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The first value of a parameter. */
export function one(query: Query, name: string): string | undefined {
  const value = query[name];
  return typeof value === "string" ? value : value?.[0];
}

/** As `one`; what is there but empty counts as absent: clients of the peer send `size=&offset=`. */
export function given(query: Query, name: string): string | undefined {
  return one(query, name) || undefined;
}

export function all(query: Query, name: string): readonly string[] {
  const value = query[name];
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}

/** `true`, `1` and the bare name say yes. */
export function flag(query: Query, name: string): boolean {
  const value = one(query, name);
  return value === "" || value === "true" || value === "1";
}

/** A revision, version or count. @throws ApiProblem 400 when it is not a whole number from 0 up. */
export function wholeNumber(query: Query, name: string): number | undefined {
  const text = one(query, name);
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const violation: Violation = { path: name, message: "must be a whole number, 0 or greater" };
  throw invalid("Bad Request", [violation], "Invalid query parameter");
}
