import type { Labels, ResourceKey } from "@meridian/model";
import type { NameEntry } from "./entry.ts";

/**
 * A host name of a mesh with its address, as a zone stores it: one small resource for each name, so that a new service costs one more
 * (docs/decisions/009). The peer keeps all names of a mesh in one Config.
 */
export interface NameSpec extends NameEntry {
  /** IPv4, of this name alone in the zone. */
  readonly ip: string;
}

const kind = "Config";
const prefix = "meridian-name.";

export function nameKey(mesh: string, host: string): ResourceKey {
  return { kind, mesh, name: `${prefix}${host}` };
}

/** The host name that a stored resource is about; undefined: it is something else. */
export function hostOf(key: ResourceKey): string | undefined {
  return key.kind === kind && key.name.startsWith(prefix) ? key.name.slice(prefix.length) : undefined;
}

export function nameResource(mesh: string, spec: NameSpec): ResourceKey & { readonly labels: Labels; readonly spec: NameSpec } {
  return { ...nameKey(mesh, spec.host), labels: {}, spec };
}
