import { destinationText, listText } from "@meridian/explain";
import { type Tags, tagNames } from "@meridian/model";

/** Stands for whose requests a line is about, until all are known of whom the same is said. */
export const clientMark = "\u0000client\u0000";

const namedAtMost = 3;

/** As `destinationText`, with real services by what people call them. @param names see `realNames`. */
export function namedDestination(tags: Tags, names: ReadonlyMap<string, string>): string {
  return names.get(tags[tagNames.service] ?? "") ?? destinationText(tags);
}

/** `magnanimo's`, `a's and b's`, `20 services'`. */
export function possessive(services: readonly string[]): string {
  if (services.length > namedAtMost) return `${services.length} services'`;
  return listText(services.map((service) => `${service}'s`));
}

/** `a`, `a and b`, `a, b and c`, `a, b and 7 other services`. */
export function serviceList(services: readonly string[]): string {
  if (services.length <= namedAtMost) return listText(services);
  return `${services.slice(0, namedAtMost - 1).join(", ")} and ${services.length - namedAtMost + 1} other services`;
}
