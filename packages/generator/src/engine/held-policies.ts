import type { ProxyResources } from "@meridian/envoy";
import type { PolicyNote } from "../types.ts";
import type { TypeResources } from "./patch.ts";

/** Which policies decided a config, or a part of one. */
export interface HeldPolicies {
  readonly origins: ReadonlySet<string>;
  /** Messages by policy. */
  readonly notes: ReadonlyMap<string, ReadonlySet<string>>;
}

export const noPolicies: HeldPolicies = { origins: new Set(), notes: new Map() };

export function heldPolicies(resources: ProxyResources, notes: Iterable<PolicyNote>): HeldPolicies {
  const origins = new Set<string>();
  for (const ofType of resources.values()) for (const origin of originsOf(ofType)) origins.add(origin);
  const messages = new Map<string, Set<string>>();
  for (const { policy, message } of notes) {
    const known = messages.get(policy);
    if (known) known.add(message);
    else messages.set(policy, new Set([message]));
  }
  return { origins, notes: messages };
}

/** Resources of a type never change in place, so the types that a change leaves alone need not be read again. */
const known = new WeakMap<TypeResources, ReadonlySet<string>>();

function originsOf(ofType: TypeResources): ReadonlySet<string> {
  const before = known.get(ofType);
  if (before) return before;
  const origins = new Set<string>();
  for (const resource of ofType.values()) for (const origin of resource.origins) origins.add(origin);
  known.set(ofType, origins);
  return origins;
}
