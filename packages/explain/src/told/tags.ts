import type { Tags } from "@meridian/model";
import { listText } from "./words.ts";

/** `its version is v1`: why somebody is not meant; undefined: all wanted tags are there. */
export function tagReason(own: Tags, wanted: Tags): string | undefined {
  const others = Object.entries(wanted).filter(([tag, value]) => own[tag] !== value);
  if (others.length === 0) return undefined;
  return listText(others.map(([tag]) => (own[tag] === undefined ? `it has no tag ${tag}` : `its ${tag} is ${own[tag]}`)));
}
