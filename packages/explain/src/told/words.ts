import { compareText, parseKeyText, type Tags, tagNames } from "@meridian/model";

/** `benigno`, `benigno v2`, `benigno v2 team=a`: how people call a destination. */
export function destinationText(tags: Tags): string {
  const { [tagNames.service]: service = "", version, ...others } = tags;
  const more = Object.entries(others)
    .sort(([a], [b]) => compareText(a, b))
    .map(([tag, value]) => `${tag}=${value}`);
  return [service, ...(version === undefined ? [] : [version]), ...more].join(" ");
}

export function listText(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** `90 %`, `33.3 %`. @param share in [0, 1] */
export function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

/** `TrafficPermission only`; the mesh is that of the question. */
export function policyText(key: string): string {
  const { kind, name } = parseKeyText(key);
  return `${kind} ${name}`;
}

export function policiesText(keys: readonly string[]): string {
  return listText(keys.map(policyText));
}

/** `1 endpoint`, `2 endpoints`. */
export function countText(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun}s`}`;
}
