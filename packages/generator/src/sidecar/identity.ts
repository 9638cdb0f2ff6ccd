import { type Tags, tagNames } from "@meridian/model";
import type { IdentityNeed } from "../types.ts";
import { valuesByTag } from "../view/tags.ts";

/** One certificate speaks for all inbounds of a proxy (reference: dataplane-protocol.md section 15). */
export function identityNeed(mesh: string, backend: string, tagSets: readonly Tags[]): IdentityNeed {
  const byTag = valuesByTag(tagSets);
  const services = byTag.find(([tag]) => tag === tagNames.service)?.[1] ?? [];
  return { mesh, backend, services, tags: byTag.flatMap(([tag, values]) => values.map((value) => [tag, value] as const)) };
}
