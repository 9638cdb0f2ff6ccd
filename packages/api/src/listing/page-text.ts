import { type KindRegistry, type Resource, renderResource } from "@meridian/model";
import type { ListedPage } from "./list.ts";

/**
 * Writes pages as JSON, indented by one as every answer. The text of a resource is made once: stores in memory hand out the same object
 * until it changes, and making it is most of what a long list costs.
 */
export class PageWriter {
  readonly #kinds: KindRegistry;
  readonly #texts = new WeakMap<Resource, string>();

  constructor(kinds: KindRegistry) {
    this.#kinds = kinds;
  }

  /** Equal to `JSON.stringify({ total, items, next }, undefined, 1)` of the rendered items. */
  write({ total, items, next }: ListedPage): string {
    const texts = items.map((item) => this.#textOf(item));
    const list = texts.length === 0 ? "[]" : `[\n${texts.join(",\n")}\n ]`;
    return `{\n "total": ${total},\n "items": ${list},\n "next": ${JSON.stringify(next)}\n}`;
  }

  #textOf(resource: Resource): string {
    const known = this.#texts.get(resource);
    if (known !== undefined) return known;
    // An item stands two levels deep. Line breaks inside of texts are escaped in JSON.
    const text = `  ${JSON.stringify(renderResource(resource, this.#kinds), undefined, 1).replaceAll("\n", "\n  ")}`;
    this.#texts.set(resource, text);
    return text;
  }
}
