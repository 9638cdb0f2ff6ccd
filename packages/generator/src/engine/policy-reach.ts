import type { ProxyPatch } from "@meridian/envoy";
import { compareText } from "@meridian/model";
import type { CountedNote, PolicyReach } from "../types.ts";
import { type AttachedProxy, ownResources } from "./attached-proxy.ts";
import { type HeldPolicies, heldPolicies, noPolicies } from "./held-policies.ts";
import type { SharedProfile } from "./shared-profile.ts";

/**
 * Counts proxies by policy. What a profile holds counts for all of its members at once, and is looked at again only after it
 * changed, when somebody asks: a step pays for marking what is stale. At any moment each count is that of the proxies whose own
 * part or whose profile held the policy when looked at last.
 */
export class PolicyReachIndex implements PolicyReach {
  readonly #proxies = new Map<string, AttachedProxy>();
  readonly #own = new Map<AttachedProxy, HeldPolicies>();
  readonly #profiles = new Map<SharedProfile, HeldPolicies>();
  readonly #staleOwn = new Set<AttachedProxy>();
  readonly #staleProfiles = new Set<SharedProfile>();
  readonly #counts = new Map<string, number>();
  /** How many proxies hold a policy by themselves: mostly none, and then members of a profile need not be asked one by one. */
  readonly #ownCounts = new Map<string, number>();
  readonly #noted = new Map<string, Set<AttachedProxy | SharedProfile>>();
  #changed = new Set<string>();
  #touched = new Set<string>();

  count(policy: string): number {
    this.#refresh();
    return this.#counts.get(policy) ?? 0;
  }

  holds(id: string, policy: string): boolean {
    this.#refresh();
    const proxy = this.#proxies.get(id);
    return proxy !== undefined && (this.#ownOf(proxy).origins.has(policy) || this.#profileOf(proxy).origins.has(policy));
  }

  notes(policy: string): readonly CountedNote[] {
    this.#refresh();
    const proxies = new Map<string, number>();
    for (const holder of this.#noted.get(policy) ?? []) {
      const isProfile = "members" in holder;
      const held = (isProfile ? this.#profiles.get(holder) : this.#own.get(holder)) ?? noPolicies;
      for (const message of held.notes.get(policy) ?? []) {
        // What the profile says already counts all of its members.
        const isTold = !isProfile && this.#profileOf(holder).notes.get(policy)?.has(message);
        if (!isTold) proxies.set(message, (proxies.get(message) ?? 0) + (isProfile ? holder.members.size : 1));
      }
    }
    return [...proxies]
      .map(([message, count]) => ({ message, proxies: count }))
      .sort((a, b) => compareText(a.message, b.message));
  }

  takeChanged(): ReadonlySet<string> {
    this.#refresh();
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  get hasChanged(): boolean {
    return this.#staleOwn.size + this.#staleProfiles.size + this.#changed.size > 0;
  }

  takeTouched(): ReadonlySet<string> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  handedOut({ changed }: ProxyPatch): void {
    for (const { origins } of changed) for (const origin of origins) this.#touched.add(origin);
  }

  attached(proxy: AttachedProxy): void {
    this.#proxies.set(proxy.description.id, proxy);
    this.ownChanged(proxy);
  }

  /** After it left its profile. */
  detached(proxy: AttachedProxy): void {
    this.#proxies.delete(proxy.description.id);
    this.#setOwn(proxy, noPolicies);
    this.#own.delete(proxy);
    this.#staleOwn.delete(proxy);
  }

  /** After it entered its profile. */
  joined(proxy: AttachedProxy): void {
    if (proxy.profile && !this.#profiles.has(proxy.profile)) this.profileChanged(proxy.profile);
    this.#countMember(proxy, 1);
  }

  /** Before it leaves its profile. */
  leaving(proxy: AttachedProxy): void {
    this.#countMember(proxy, -1);
  }

  ownChanged(proxy: AttachedProxy): void {
    this.#staleOwn.add(proxy);
  }

  profileChanged(profile: SharedProfile): void {
    this.#staleProfiles.add(profile);
  }

  /** After its last member left. */
  disposed(profile: SharedProfile): void {
    this.#note(profile, this.#profiles.get(profile) ?? noPolicies, noPolicies);
    this.#profiles.delete(profile);
    this.#staleProfiles.delete(profile);
  }

  #refresh(): void {
    for (const proxy of this.#staleOwn) {
      const { own } = proxy;
      this.#setOwn(proxy, heldPolicies(ownResources(own.value), own.value.notes ?? []));
    }
    this.#staleOwn.clear();
    for (const profile of this.#staleProfiles) this.#setProfile(profile, heldPolicies(profile.resources, profile.notes));
    this.#staleProfiles.clear();
  }

  #setOwn(proxy: AttachedProxy, after: HeldPolicies): void {
    const before = this.#ownOf(proxy);
    const shared = this.#profileOf(proxy).origins;
    for (const [policy, by] of differences(before.origins, after.origins)) {
      add(this.#ownCounts, policy, by);
      if (!shared.has(policy)) this.#add(policy, by);
    }
    this.#own.set(proxy, after);
    this.#note(proxy, before, after);
  }

  #setProfile(profile: SharedProfile, after: HeldPolicies): void {
    const before = this.#profiles.get(profile) ?? noPolicies;
    for (const [policy, by] of differences(before.origins, after.origins)) this.#add(policy, by * this.#without(policy, profile));
    this.#profiles.set(profile, after);
    this.#note(profile, before, after);
  }

  /** Members that do not hold the policy by themselves. */
  #without(policy: string, { members }: SharedProfile): number {
    if (!this.#ownCounts.has(policy)) return members.size;
    let count = 0;
    for (const member of members) if (!this.#ownOf(member).origins.has(policy)) count += 1;
    return count;
  }

  #countMember(proxy: AttachedProxy, by: 1 | -1): void {
    const own = this.#ownOf(proxy).origins;
    const { origins, notes } = this.#profileOf(proxy);
    for (const policy of origins) if (!own.has(policy)) this.#add(policy, by);
    for (const policy of notes.keys()) this.#changed.add(policy);
  }

  #note(holder: AttachedProxy | SharedProfile, before: HeldPolicies, after: HeldPolicies): void {
    for (const policy of before.notes.keys()) {
      this.#changed.add(policy);
      const holders = this.#noted.get(policy);
      holders?.delete(holder);
      if (holders?.size === 0) this.#noted.delete(policy);
    }
    for (const policy of after.notes.keys()) {
      this.#changed.add(policy);
      const holders = this.#noted.get(policy) ?? new Set();
      this.#noted.set(policy, holders.add(holder));
    }
  }

  #add(policy: string, by: number): void {
    add(this.#counts, policy, by);
    this.#changed.add(policy);
  }

  #ownOf(proxy: AttachedProxy): HeldPolicies {
    return this.#own.get(proxy) ?? noPolicies;
  }

  #profileOf({ profile }: AttachedProxy): HeldPolicies {
    return (profile && this.#profiles.get(profile)) ?? noPolicies;
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

function* differences(before: ReadonlySet<string>, after: ReadonlySet<string>): Generator<readonly [string, 1 | -1]> {
  for (const each of after) if (!before.has(each)) yield [each, 1];
  for (const each of before) if (!after.has(each)) yield [each, -1];
}
