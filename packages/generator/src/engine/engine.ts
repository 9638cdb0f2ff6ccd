import type { EncodedResource, ProxyPatch, ProxyResources } from "@meridian/envoy";
import { keyText } from "@meridian/model";
import { ownConfig, proxyProfile } from "../generate.ts";
import { AvailableServices } from "../ingress/available-services.ts";
import { nothing, type OwnConfig, type PartResources, type Profile } from "../parts.ts";
import type {
  AvailableService,
  ConfigEngine,
  GenerationFailure,
  IdentityNeed,
  ProxyConfig,
  ProxyDescription,
  ProxyUpdate,
  ViewChange,
} from "../types.ts";
import type { MeshView } from "../view/mesh-view.ts";
import { ZoneView } from "../view/zone-view.ts";
import { type AttachedProxy, ownResources } from "./attached-proxy.ts";
import { overlaps, withoutOverlap } from "./overlap.ts";
import { markEndpointsChange, markPartChange } from "./part-changes.ts";
import { diffResources, isEmpty, joinPatches, joinResources, PatchInterner } from "./patch.ts";
import { PolicyReachIndex } from "./policy-reach.ts";
import { pooledEncoder } from "./resource-pool.ts";
import { type ProfileDeps, SharedProfile } from "./shared-profile.ts";
import { SharedUnits } from "./shared-units.ts";
import { type ProxyBefore, Step } from "./step.ts";
import { UnitGraph } from "./unit.ts";

export interface ConfigEngineOptions {
  /** The zone whose proxies are served. */
  readonly zone: string;
}

/** The incremental generator: see `ConfigEngine` for its law, and README.md for how it is built. */
export function createConfigEngine({ zone }: ConfigEngineOptions): ConfigEngine {
  return new Engine(zone);
}

const noResources: ProxyResources = new Map();
const noPatch: ProxyPatch = { changed: [], removed: [] };
const noPart: PartResources = { resources: [], endpoints: [] };

class Engine implements ConfigEngine {
  readonly #view: ZoneView;
  readonly #graph: UnitGraph;
  readonly #profileDeps: ProfileDeps;
  readonly #available: AvailableServices;
  readonly policies = new PolicyReachIndex();
  readonly #proxies = new Map<string, AttachedProxy>();
  readonly #profiles = new Map<string, SharedProfile>();
  readonly #unreadable = new Map<string, { readonly name: string }>();
  /** Of proxies that went away while they could not be generated: what they get when they are back. */
  readonly #lastGood = new Map<string, OwnConfig>();

  constructor(zone: string) {
    const encoder = pooledEncoder();
    this.#view = new ZoneView(zone);
    this.#graph = new UnitGraph(this.#view, encoder);
    this.#available = new AvailableServices(this.#view);
    this.#profileDeps = {
      graph: this.#graph,
      encoder,
      parts: new SharedUnits({ graph: this.#graph, phase: "part", empty: noPart, onChange: markPartChange }),
      endpoints: new SharedUnits<EncodedResource | undefined>({
        graph: this.#graph,
        phase: "endpoints",
        empty: undefined,
        onChange: markEndpointsChange,
      }),
    };
  }

  get failures(): readonly GenerationFailure[] {
    return this.#graph.failures;
  }

  get view(): MeshView {
    return this.#view;
  }

  availableServices(): readonly AvailableService[] {
    return this.#available.list();
  }

  attach(description: ProxyDescription): ProxyConfig {
    this.detach(description.id);
    const own = this.#graph.add<OwnConfig>({
      name: `proxy ${description.id}`,
      phase: "own",
      empty: this.#lastGood.get(description.id) ?? nothing,
      generate: (context) => ownConfig(context, description),
      onStale: (step) => this.#refreshOwn(proxy, step),
    });
    this.#lastGood.delete(description.id);
    const wanted = this.#graph.add<Profile | undefined>({
      name: `profile of proxy ${description.id}`,
      phase: "profile",
      empty: undefined,
      generate: (context) => proxyProfile(context, description),
      onStale: (step) => this.#refreshProfile(proxy, step),
    });
    const proxy: AttachedProxy = { description, own, wanted, profile: undefined };
    this.#proxies.set(description.id, proxy);
    this.policies.attached(proxy);
    this.#join(proxy, wanted.value);
    const { identity, identities } = own.value;
    const resources = joinResources(ownResources(own.value), proxy.profile?.resources ?? noResources);
    return { resources, ...(identity && { identity }), ...(identities && { identities }) };
  }

  detach(id: string): void {
    const proxy = this.#proxies.get(id);
    if (!proxy) return;
    this.#proxies.delete(id);
    if (this.#graph.isFailing(proxy.own)) this.#lastGood.set(id, proxy.own.value);
    this.#graph.remove(proxy.own);
    this.#graph.remove(proxy.wanted);
    const { profile } = proxy;
    this.#join(proxy, undefined);
    this.policies.detached(proxy);
    if (profile) this.#disposeIfUnused(profile);
  }

  apply(changes: readonly ViewChange[]): ReadonlyMap<string, ProxyUpdate> {
    const step = new Step();
    const touched = this.#view.apply(changes, (change, run) => this.#attempt(change, run));
    this.#graph.refresh(touched, step);
    for (const [profile, stale] of step.staleTypes) {
      this.policies.profileChanged(profile);
      const patch = profile.compose(stale);
      if (!isEmpty(patch)) step.profilePatches.set(profile, patch);
    }
    for (const profile of step.renoted) this.policies.profileChanged(profile);
    const interner = new PatchInterner();
    const updates = collectUpdates(step, interner);
    for (const patch of interner.patches) this.policies.handedOut(patch);
    for (const { profile } of step.before.values()) if (profile) this.#disposeIfUnused(profile);
    return updates;
  }

  /** A resource that makes no sense, against all validation, costs nothing but itself. */
  #attempt(change: ViewChange, run: () => void): void {
    const name = `resource ${keyText(change.op === "put" ? change.resource : change.key)}`;
    const owner = this.#unreadable.get(name) ?? { name };
    this.#unreadable.set(name, owner);
    this.#graph.guard(
      owner,
      () => {
        run();
        this.#unreadable.delete(name);
      },
      undefined,
    );
  }

  #refreshOwn(proxy: AttachedProxy, step: Step): void {
    step.remember(proxy);
    this.#graph.run(proxy.own);
    this.policies.ownChanged(proxy);
  }

  #refreshProfile(proxy: AttachedProxy, step: Step): void {
    this.#graph.run(proxy.wanted);
    const wanted = proxy.wanted.value;
    if (wanted?.key !== proxy.profile?.key) {
      step.remember(proxy);
      this.#join(proxy, wanted);
    }
    // Others may have been in the profile before, with what was true then.
    if (wanted?.partsVary) proxy.profile?.setParts(wanted.parts(), step);
  }

  /** Leaves the old profile in place: others of the same step may still move into it. */
  #join(proxy: AttachedProxy, wanted: Profile | undefined): void {
    this.policies.leaving(proxy);
    proxy.profile?.members.delete(proxy);
    proxy.profile = undefined;
    if (!wanted) return;
    let profile = this.#profiles.get(wanted.key);
    if (!profile) {
      profile = new SharedProfile(wanted, this.#profileDeps);
      this.#profiles.set(wanted.key, profile);
    }
    profile.members.add(proxy);
    proxy.profile = profile;
    this.policies.joined(proxy);
  }

  #disposeIfUnused(profile: SharedProfile): void {
    if (profile.members.size > 0 || this.#profiles.get(profile.key) !== profile) return;
    this.#profiles.delete(profile.key);
    this.policies.disposed(profile);
    profile.dispose();
  }
}

/** Proxies of one profile share one update; those with changes of their own get their own. */
function collectUpdates(step: Step, interner: PatchInterner): ReadonlyMap<string, ProxyUpdate> {
  const updates = new Map<string, ProxyUpdate>();
  for (const [profile, patch] of step.profilePatches) {
    const update: ProxyUpdate = { patch: interner.intern(patch) };
    const overlapsWith = overlaps(patch);
    for (const proxy of profile.members) {
      if (step.before.has(proxy)) continue;
      const { id } = proxy.description;
      if (!overlapsWith(proxy.own.value)) {
        updates.set(id, update);
        continue;
      }
      const own = [ownResources(proxy.own.value)];
      const rest = withoutOverlap(patch, own, own);
      if (!isEmpty(rest)) updates.set(id, { patch: interner.intern(rest) });
    }
  }
  for (const [proxy, before] of step.before) {
    const patch = patchOfProxy(proxy, before, step);
    const identity = changedIdentity(before.own.identity, proxy.own.value.identity);
    const identities = changedIdentities(before.own.identities, proxy.own.value.identities);
    if (isEmpty(patch) && identity === undefined && !identities) continue;
    updates.set(proxy.description.id, {
      patch: interner.intern(patch),
      ...(identity !== undefined && { identity }),
      ...(identities && { identities }),
    });
  }
  return updates;
}

function patchOfProxy(proxy: AttachedProxy, before: ProxyBefore, step: Step): ProxyPatch {
  const { profile } = proxy;
  const ownBefore = ownResources(before.own);
  const ownAfter = ownResources(proxy.own.value);
  const profileBefore = before.profileResources ?? noResources;
  const profileAfter = profile?.resources ?? noResources;
  const own = diffResources(ownBefore, ownAfter);
  const shared =
    profile === before.profile ? profile && step.profilePatches.get(profile) : step.move(profileBefore, profileAfter);
  return withoutOverlap(joinPatches([own, shared ?? noPatch]), [ownBefore, profileBefore], [ownAfter, profileAfter]);
}

/** Undefined: as before. */
function changedIdentities(
  before: readonly IdentityNeed[] = [],
  after: readonly IdentityNeed[] = [],
): readonly IdentityNeed[] | undefined {
  return JSON.stringify(before) === JSON.stringify(after) ? undefined : after;
}

/** `undefined`: as before. */
function changedIdentity(before: IdentityNeed | undefined, after: IdentityNeed | undefined): IdentityNeed | null | undefined {
  if (JSON.stringify(before) === JSON.stringify(after)) return undefined;
  return after ?? null;
}
