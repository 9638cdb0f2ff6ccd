import { type DataplaneInbound, type Tags, tagNames } from "@meridian/model";
import { sortedTags } from "./tags.ts";

/** The control plane sets the zone on write; filled in here too, so that hand-made views behave alike. */
export function withZone(tags: Tags, zone: string): Tags {
  return sortedTags({ [tagNames.zone]: zone, ...tags });
}

/** What clients and policies know an inbound by: its tags, its protocol, its zone. */
export function inboundTags(inbound: DataplaneInbound, zone: string): Tags {
  const protocol = inbound.protocol ? { [tagNames.protocol]: inbound.protocol } : {};
  return withZone({ ...inbound.tags, ...protocol }, zone);
}
