import type { ProxyPatch, ProxyResources, TypeUrl } from "@meridian/envoy";
import type { OwnConfig } from "../parts.ts";
import type { AttachedProxy } from "./attached-proxy.ts";
import { diffResources } from "./patch.ts";
import type { SharedProfile } from "./shared-profile.ts";

/** What a proxy had before the step. */
export interface ProxyBefore {
  readonly own: OwnConfig;
  readonly profile: SharedProfile | undefined;
  readonly profileResources: SharedProfile["resources"] | undefined;
}

/** Collects what one `apply` has made different, until it is known which proxies that concerns. */
export class Step {
  /** Types of resources that differ now, or might. */
  readonly staleTypes = new Map<SharedProfile, Set<TypeUrl>>();
  /** Profiles about whose policies there may be other notes now. */
  readonly renoted = new Set<SharedProfile>();
  /** Proxies that were generated again by themselves, or moved to another profile. */
  readonly before = new Map<AttachedProxy, ProxyBefore>();
  /** Filled at the end: steps of profiles that really differ. */
  readonly profilePatches = new Map<SharedProfile, ProxyPatch>();
  readonly #moves = new Map<ProxyResources, Map<ProxyResources, ProxyPatch>>();

  /** Call it before the proxy changes; only the first time counts. */
  remember(proxy: AttachedProxy): void {
    if (this.before.has(proxy)) return;
    const { own, profile } = proxy;
    this.before.set(proxy, { own: own.value, profile, profileResources: profile?.resources });
  }

  markStale(profile: SharedProfile, typeUrl: TypeUrl): void {
    const types = this.staleTypes.get(profile);
    if (types) types.add(typeUrl);
    else this.staleTypes.set(profile, new Set([typeUrl]));
  }

  /** From the resources of one profile to those of another. Many proxies make the same move, and what it takes is found once. */
  move(before: ProxyResources, after: ProxyResources): ProxyPatch {
    const ofBefore = this.#moves.get(before) ?? new Map<ProxyResources, ProxyPatch>();
    const patch = ofBefore.get(after) ?? diffResources(before, after);
    this.#moves.set(before, ofBefore.set(after, patch));
    return patch;
  }
}
