import type { Labels, Violation } from "@meridian/model";
import type { ListFilter } from "@meridian/store";
import { invalid } from "../http/errors.ts";
import { given, one, type Query } from "../http/query.ts";

const defaultSize = 100;
const maxSize = 1000;

/** Which part of a list is asked for. */
export interface Page {
  readonly size: number;
  /** How many items come before it. */
  readonly offset: number;
  /** The last item before it. Found again by its key, so that a page costs a page, and writes between two pages shift nothing. */
  readonly after?: { readonly mesh: string; readonly name: string };
}

/** A key is at most two names of 253 characters. */
const tokenPattern = /^(\d{1,9})(?:\.([\w-]{1,700}))?$/;

/**
 * `size` and `offset` as in the peer, where the token is a number (reference: rest-api.md 3.3). Here it goes on with the key of the last
 * item; a client that only counts, as the peer's GUI does, gets the same items while nobody writes.
 * @throws ApiProblem 400
 */
export function parsePage(query: Query, title: string): Page {
  const size = parseSize(given(query, "size"));
  if (typeof size !== "number") throw invalid(title, [size], "Invalid page size");
  const [, offset, key] = tokenPattern.exec(given(query, "offset") ?? "0") ?? [];
  const after = key === undefined ? undefined : keyOf(key);
  if (offset === undefined || (key !== undefined && !after)) {
    throw invalid(title, [{ path: "offset", message: "invalid format" }], "Invalid page offset");
  }
  return { size, offset: Number(offset), ...(after && { after }) };
}

/** The `offset` of the page that begins after an item. */
export function offsetToken(offset: number, { mesh, name }: NonNullable<Page["after"]>): string {
  return `${offset}.${Buffer.from(`${mesh}/${name}`).toString("base64url")}`;
}

function keyOf(token: string): Page["after"] {
  const [, mesh, name] = /^([^/]*)\/([^/]+)$/.exec(Buffer.from(token, "base64url").toString()) ?? [];
  return mesh === undefined || name === undefined ? undefined : { mesh, name };
}

function parseSize(text: string | undefined): number | Violation {
  if (text === undefined) return defaultSize;
  if (!/^[+-]?\d{1,15}$/.test(text)) return { path: "size", message: "invalid format" };
  const size = Number(text);
  if (size <= 0) return { path: "size", message: "must be greater than 0" };
  if (size > maxSize) return { path: "size", message: `invalid page size of ${size}. Maximum page size is ${maxSize}` };
  return size;
}

/** The filters that every kind has: `name` and `filter[labels.KEY]`. */
export function parseFilter(query: Query, mesh: string | undefined, title: string): ListFilter {
  const labels: [string, string][] = [];
  const violations: Violation[] = [];
  for (const key of Object.keys(query)) {
    const filtered = /^filter\[(.*)\]$/.exec(key)?.[1];
    if (filtered === undefined) continue;
    const label = /^labels\.(.+)$/.exec(filtered)?.[1];
    if (label === undefined) violations.push({ path: key, message: "unknown filter: only filter[labels.KEY] is supported" });
    else labels.push([label, one(query, key) ?? ""]);
  }
  if (violations.length > 0) throw invalid(title, violations, "Invalid filter");
  const namePart = one(query, "name");
  return {
    ...(mesh !== undefined && { mesh }),
    ...(namePart !== undefined && namePart !== "" && { namePart }),
    ...(labels.length > 0 && { labels: Object.fromEntries(labels) as Labels }),
  };
}
