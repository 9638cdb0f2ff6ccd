import { isObject, type Keys } from "./schema-walk.ts";

/** What may stand at a place instead of what stands there. */
export interface Place {
  /** Different from place to place, so that two places do not get the same value in each copy. */
  readonly ordinal: number;
  readonly values: readonly unknown[];
  /** Nothing at all may stand there. */
  readonly mayGo: boolean;
}

/** The places at which a value gets another one, as a tree over it. */
export interface Break {
  /** Here; nothing further in counts then. Absent: somewhere further in. */
  place?: Place;
  readonly members: Map<string, Break>;
}

/** The tree of these places; of two places, of which one is within the other, the outer one. */
export function breaksAt(places: readonly Keys[], placeOf: (keys: Keys, ordinal: number) => Place): Break {
  const root: Break = { members: new Map() };
  places.forEach((keys, ordinal) => {
    let node = root;
    for (const key of keys) {
      if (node.place) return;
      const member: Break = node.members.get(String(key)) ?? { members: new Map() };
      node.members.set(String(key), member);
      node = member;
    }
    node.place ??= placeOf(keys, ordinal);
  });
  return root;
}

/** How many keys lead to the place of the tree that `keys` leads to or through; undefined if there is none. */
export function outermost(breaks: Break, keys: Keys): number | undefined {
  let node: Break | undefined = breaks;
  for (let depth = 0; node; depth++) {
    if (node.place) return depth;
    node = depth < keys.length ? node.members.get(String(keys[depth])) : undefined;
  }
  return undefined;
}

/** A copy with other values at the broken places; what is not on the way to one is shared with the original. */
export function mend(value: unknown, { members }: Break, variant: number): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => {
      const member = members.get(String(index));
      return member ? replaced(item, member, variant) : item;
    });
  }
  const written = isObject(value) ? value : {};
  const missing = [...members.keys()].filter((key) => !Object.hasOwn(written, key));
  const entries = [...Object.keys(written), ...missing].flatMap((key): readonly (readonly [string, unknown])[] => {
    const member = members.get(key);
    if (!member) return [[key, written[key]]];
    if (member.place?.mayGo && member.place.values.length === 0) return [];
    return [[key, replaced(written[key], member, variant)]];
  });
  // `fromEntries` defines own properties, so a key `__proto__` stays a harmless key.
  return Object.fromEntries(entries);
}

function replaced(value: unknown, member: Break, variant: number): unknown {
  const { place } = member;
  if (!place) return mend(value, member, variant);
  return place.values.length === 0 ? value : place.values[(variant + place.ordinal) % place.values.length];
}
