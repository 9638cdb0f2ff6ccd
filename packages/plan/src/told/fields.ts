import { canonicalJson } from "@meridian/model";

/** One place where two values differ; absent: it was, or is, not there. */
export interface FieldDifference {
  readonly path: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * Where two JSON values differ, deepest places first named. Lists of things with names (filters, virtual hosts, routes) are compared
 * by name, so that one more of them is one difference and not a shift of all.
 */
export function fieldDifferences(before: unknown, after: unknown, path: readonly string[] = []): readonly FieldDifference[] {
  const parts = partsOf(before, after);
  if (parts) return parts.flatMap(([key, was, is]) => fieldDifferences(was, is, [...path, key]));
  if (before === after || canonicalJson(before ?? null) === canonicalJson(after ?? null)) return [];
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

type Parts = readonly (readonly [key: string, before: unknown, after: unknown])[];

function partsOf(before: unknown, after: unknown): Parts | undefined {
  if (Array.isArray(before) && Array.isArray(after)) {
    const was = named(before);
    const is = named(after);
    return was && is ? merge(was, is) : undefined;
  }
  return isObject(before) && isObject(after) ? merge(new Map(Object.entries(before)), new Map(Object.entries(after))) : undefined;
}

function merge(was: ReadonlyMap<string, unknown>, is: ReadonlyMap<string, unknown>): Parts {
  return [...new Set([...was.keys(), ...is.keys()])].map((key) => [key, was.get(key), is.get(key)]);
}

/** By `name`; undefined unless all have one of their own. A single item without a name is compared with a single other one. */
function named(list: readonly unknown[]): ReadonlyMap<string, unknown> | undefined {
  const names = list.map((item) => (isObject(item) && typeof item["name"] === "string" ? item["name"] : undefined));
  if (list.length === 1 && names[0] === undefined) return new Map([["0", list[0]]]);
  const distinct = new Set(names);
  if (distinct.has(undefined) || distinct.size < list.length) return undefined;
  return new Map(list.map((item, index) => [names[index] as string, item]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const maxValueLength = 60;

export function valueText(value: unknown): string {
  if (value === undefined) return "unset";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= maxValueLength ? text : `${text.slice(0, maxValueLength - 1)}…`;
}
