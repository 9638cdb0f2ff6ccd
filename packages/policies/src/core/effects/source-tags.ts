import { compareText, type Tags, tagNames } from "@meridian/model";
import type { ProtoJson } from "../route.ts";
import type { TagSelector } from "../selectors.ts";

/*
 * Clients by the tags that their proxies send along as `x-kuma-tags: &k=v1,v2&&l=w&`, keys sorted (reference: resources-legacy.md
 * 0.7).
 */

const headerName = "x-kuma-tags";

/** Envoy `HeaderMatcher`s for clients that one of the selectors fits; none when everybody is meant. */
export function sourcesMatch(selectors: readonly TagSelector[]): readonly ProtoJson[] {
  const tagSets = selectors.map(({ match = {} }) => match);
  if (tagSets.length === 0 || tagSets.some(isEverybody)) return [];
  const regexes = [...new Set(tagSets.map(tagsRegex))];
  return [tagsHeader(regexes.length === 1 ? (regexes[0] as string) : `(?:${regexes.join("|")})`)];
}

/** The same for clients with all of `positive` and none of `negative`. */
export function clientMatch(positive: Tags, negative: Readonly<Record<string, readonly string[]>>): readonly ProtoJson[] {
  const without = Object.entries(negative)
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, values]) => ({
      ...tagsHeader(`.*${tagRegex(key, values)}.*`),
      invertMatch: true,
      // Who says nothing of itself has none of these tags.
      treatMissingHeaderAsEmpty: true,
    }));
  return [...(isEverybody(positive) ? [] : [tagsHeader(tagsRegex(positive))]), ...without];
}

/** Any service at all: nobody is without. The peer lets go whoever sends no tags. */
function isEverybody(tags: Tags): boolean {
  return Object.entries(tags).every(([key, value]) => key === tagNames.service && value === "*");
}

function tagsHeader(regex: string): ProtoJson {
  return { name: headerName, stringMatch: { safeRegex: { regex } } };
}

/** For the whole header. */
function tagsRegex(tags: Tags): string {
  const parts = Object.entries(tags)
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, value]) => `.*${tagRegex(key, [value])}`);
  return `${parts.join("")}.*`;
}

/** One of the values, whole: the peer's `web` also fits `my-web`. `*`: any. */
function tagRegex(key: string, values: readonly string[]): string {
  if (values.includes("*")) return `&${escaped(key)}=`;
  const anyOf = values.map(escaped).join("|");
  return `&${escaped(key)}=(?:[^&]*,)?${values.length > 1 ? `(?:${anyOf})` : anyOf}[,&]`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
