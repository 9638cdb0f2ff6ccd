import type { Tags } from "@meridian/model";
import { valuesByTag } from "../view/tags.ts";

/**
 * `x-kuma-tags: &k=v1,v2&&k2=v&`: all tags of the client, for policies at the server that select clients by them
 * (reference: resources-legacy.md 0.7). Servers remove it. Sent only in meshes that have such policies: without the header,
 * proxies of different services share their route configs.
 */
export function sourceTagsHeader(tagSets: readonly Tags[]): Readonly<Record<string, unknown>> {
  const parts = valuesByTag(tagSets).map(([tag, values]) => `&${tag}=${values.join(",")}&`);
  return { header: { key: "x-kuma-tags", value: parts.join("") } };
}
