import { type Tags, tagNames } from "../../labels.ts";
import { hasWrittenTags, validateTags } from "../../rules/tags.ts";
import { at, type Violation } from "../../violation.ts";
import type { UncheckedDataplane } from "./schema.ts";

/** What may not stand beside a gateway, and its tags (reference: resources-legacy.md 17). */
export function validateGateway({ networking, probes }: UncheckedDataplane): readonly Violation[] {
  const gateway = networking?.gateway;
  if (!gateway) return [];
  const isBuiltin = gateway.type === "BUILTIN";
  const present: Readonly<Record<string, boolean>> = {
    inbound: (networking.inbound ?? []).length > 0,
    ...(isBuiltin && { outbound: (networking.outbound ?? []).length > 0 }),
    listeners: (networking.listeners ?? []).length > 0,
    ...(isBuiltin && { probes: probes !== undefined }),
  };
  const which = isBuiltin ? "builtin" : "delegated";
  const violations: Violation[] = Object.entries(present)
    .filter(([, isPresent]) => isPresent)
    .map(([field]) => ({ path: `networking.${field}`, message: `${field} cannot be defined for ${which} gateways` }));

  const path = "networking.gateway.tags";
  const tags = (gateway.tags ?? {}) as Tags;
  // A gateway without any tag is allowed, as an inbound is.
  const requireService = hasWrittenTags(tags);
  violations.push(...validateTags(path, tags, { requireTag: false, requireService }));
  const protocol = tags[tagNames.protocol];
  if (!isBuiltin && protocol !== undefined && protocol !== "tcp") {
    const message = `other values than tcp are not allowed, provided value "${protocol}"`;
    violations.push({ path: at(path, tagNames.protocol), message });
  }
  return violations;
}
