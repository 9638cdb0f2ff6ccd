/** A policy's conf: JSON data. */
export type Conf = Readonly<Record<string, unknown>>;

/**
 * Lays confs over each other, weakest first: objects deep, lists and scalars replaced, absent keys untouched; lists named
 * `append…` are joined in order (reference: policies-envoy.md 2.5; RFC 7396 without its null). Inputs are not changed.
 */
export function mergeConfs<C extends object>(confs: readonly C[]): C | undefined {
  const [first, ...rest] = confs;
  return first && rest.reduce<C>((merged, conf) => mergeObjects(merged as Conf, conf as Conf) as C, first);
}

function mergeObjects(base: Conf, over: Conf): Conf {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined || value === null) continue;
    merged[key] = mergeValues(key, base[key], value);
  }
  return merged;
}

function mergeValues(key: string, base: unknown, over: unknown): unknown {
  if (isObject(base) && isObject(over)) return mergeObjects(base, over);
  if (key.startsWith("append") && Array.isArray(base) && Array.isArray(over)) return [...base, ...over];
  return over;
}

/**
 * Merges lists whose items have a key (rules of a route by their matches), weakest list first. Items of the strongest list come
 * first, in its order; weaker lists add what is new. An item that several lists have stands where the strongest has it, and
 * `mergeItems` sees its versions weakest first.
 */
export function mergeKeyedLists<Item>(
  lists: readonly (readonly Item[])[],
  keyOf: (item: Item) => string,
  mergeItems: (items: readonly Item[]) => Item,
): readonly Item[] {
  const versions = new Map<string, Item[]>();
  for (const list of lists.toReversed()) {
    // Within one list, a later item of the same key is the stronger one.
    const own = new Map<string, Item[]>();
    for (const item of list) append(own, keyOf(item), item);
    for (const [key, items] of own) versions.set(key, [...items, ...(versions.get(key) ?? [])]);
  }
  return [...versions.values()].map((items) => mergeItems(items));
}

function append<Item>(groups: Map<string, Item[]>, key: string, item: Item): void {
  const group = groups.get(key);
  if (group) group.push(item);
  else groups.set(key, [item]);
}

function isObject(value: unknown): value is Conf {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
