import type { ServicePortOf } from "@meridian/generator";
import { compareText, parseKeyText, type Tags, tagNames } from "@meridian/model";

/** `benigno`, `benigno v2`, `benigno v2 team=a`: how people call a destination. */
export function destinationText(tags: Tags): string {
  const { [tagNames.service]: service = "", version, ...others } = tags;
  const more = Object.entries(others)
    .sort(([a], [b]) => compareText(a, b))
    .map(([tag, value]) => `${tag}=${value}`);
  return [service, ...(version === undefined ? [] : [version]), ...more].join(" ");
}

/** `MeshService benigno:80`, `MeshService benigno:80 of west`. */
export function realName({ service, port }: ServicePortOf): string {
  const { kind, displayName, isLocal, zone } = service;
  return `${kind} ${displayName}:${port.port}${isLocal || zone === "" ? "" : ` of ${zone}`}`;
}

export function listText(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** More than these are counted, not listed. */
const listedAtMost = 8;

export function someText(items: readonly string[]): string {
  if (items.length <= listedAtMost) return listText(items);
  return `${items.slice(0, listedAtMost).join(", ")} and ${items.length - listedAtMost} more`;
}

/** The first of many lines, and how many there are more. */
export function someLines(lines: readonly string[], noun: string): readonly string[] {
  const more = lines.length - listedAtMost;
  return more <= 0 ? lines : [...lines.slice(0, listedAtMost), `and ${countText(more, noun)} more`];
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
