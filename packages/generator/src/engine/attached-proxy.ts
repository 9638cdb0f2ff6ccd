import type { ProxyResources } from "@meridian/envoy";
import { addResources, type MutableResources } from "../generate.ts";
import type { OwnConfig, Profile } from "../parts.ts";
import type { ProxyDescription } from "../types.ts";
import type { SharedProfile } from "./shared-profile.ts";
import type { Unit } from "./unit.ts";

/** A proxy that is kept up to date: its own part, and the profile that gives the rest. */
export interface AttachedProxy {
  readonly description: ProxyDescription;
  readonly own: Unit<OwnConfig>;
  /** Which profile it needs. */
  readonly wanted: Unit<Profile | undefined>;
  profile: SharedProfile | undefined;
}

export function ownResources({ resources }: OwnConfig): ProxyResources {
  const byType: MutableResources = new Map();
  addResources(byType, resources);
  return byType;
}
