import { type EncodedResource, type ProxyPatch, type ProxyResources, type TypeUrl, typeUrls } from "@meridian/envoy";
import { inputsOf } from "@meridian/policies";
import { endpointsResource } from "../endpoints.ts";
import type { Encoder, EndpointsRef, PartResources, PartUse, Profile } from "../parts.ts";
import { partListener, partListenerName } from "../sidecar/outbound-listener.ts";
import type { PolicyNote } from "../types.ts";
import type { OutboundFacts } from "../view/outbound-list.ts";
import type { AttachedProxy } from "./attached-proxy.ts";
import { diffType, joinPatches, type TypeResources } from "./patch.ts";
import type { SharedUnit, SharedUnits } from "./shared-units.ts";
import type { Step } from "./step.ts";
import type { UnitGraph } from "./unit.ts";

export interface ProfileDeps {
  readonly graph: UnitGraph;
  readonly encoder: Encoder;
  readonly parts: SharedUnits<PartResources>;
  readonly endpoints: SharedUnits<EncodedResource | undefined>;
}

interface UsedPart {
  /** Of its listener, for failures. */
  readonly name: string;
  readonly shared: SharedUnit<PartResources>;
  readonly at: OutboundFacts | undefined;
}

export const profileTypes: ReadonlySet<TypeUrl> = new Set([
  typeUrls.listener,
  typeUrls.route,
  typeUrls.cluster,
  typeUrls.endpoint,
]);

/** The part of a config that all proxies of a profile have in common: put together and compared once for all of them. */
export class SharedProfile {
  readonly key: string;
  readonly members = new Set<AttachedProxy>();
  readonly #deps: ProfileDeps;
  #parts: readonly UsedPart[] = [];
  /** In use, by cluster name. */
  #endpoints = new Map<string, SharedUnit<EncodedResource | undefined>>();
  /** Which endpoints are in use must be found out again, not only what they are. */
  #areEndpointsStale = true;
  #resources: ProxyResources = new Map();

  constructor(profile: Profile, deps: ProfileDeps) {
    this.key = profile.key;
    this.#deps = deps;
    this.#replaceParts(profile.parts());
    this.compose(profileTypes);
  }

  /** Immutable: a change makes new maps. */
  get resources(): ProxyResources {
    return this.#resources;
  }

  get notes(): readonly PolicyNote[] {
    return this.#parts.flatMap(({ shared }) => shared.unit.value.notes ?? []);
  }

  /** For profiles whose key does not tell their parts: the zone ingress. */
  setParts(uses: readonly PartUse[], step: Step): void {
    const isSame =
      uses.length === this.#parts.length && uses.every(({ part }, index) => part.key === this.#parts[index]?.shared.key);
    if (isSame) return;
    this.#replaceParts(uses);
    for (const typeUrl of profileTypes) step.markStale(this, typeUrl);
  }

  /** A part uses other endpoints than before. */
  markEndpointsStale(step: Step): void {
    this.#areEndpointsStale = true;
    step.markStale(this, typeUrls.endpoint);
  }

  /** Puts stale types together again. Returns the step to what they are now. */
  compose(stale: ReadonlySet<TypeUrl>): ProxyPatch {
    const patches: ProxyPatch[] = [];
    const resources = new Map(this.#resources);
    for (const typeUrl of profileTypes) {
      if (!stale.has(typeUrl)) continue;
      const composed = this.#composeType(typeUrl);
      patches.push(diffType(resources.get(typeUrl) ?? new Map(), composed));
      if (composed.size > 0) resources.set(typeUrl, composed);
      else resources.delete(typeUrl);
    }
    this.#resources = resources;
    return joinPatches(patches);
  }

  /** Nobody uses it any more. */
  dispose(): void {
    this.#replaceParts([]);
    for (const shared of this.#endpoints.values()) this.#deps.endpoints.release(shared, this);
  }

  #replaceParts(uses: readonly PartUse[]): void {
    const old = this.#parts;
    for (const part of old) this.#deps.graph.forgive(part);
    this.#parts = uses.map(({ part, at }) => ({
      name: `listener of ${part.name}`,
      shared: this.#deps.parts.acquire(part, this),
      at,
    }));
    const kept = new Set(this.#parts.map(({ shared }) => shared));
    for (const { shared } of old) if (!kept.has(shared)) this.#deps.parts.release(shared, this);
    this.#areEndpointsStale = true;
  }

  #composeType(typeUrl: TypeUrl): TypeResources {
    if (typeUrl === typeUrls.listener) return this.#composeListeners();
    if (typeUrl === typeUrls.endpoint) return this.#composeEndpoints();
    const composed = new Map<string, EncodedResource>();
    // A later part replaces what an earlier one has under the same name.
    for (const { shared } of this.#parts) {
      for (const resource of shared.unit.value.resources) if (resource.typeUrl === typeUrl) composed.set(resource.name, resource);
    }
    return composed;
  }

  #composeListeners(): TypeResources {
    const composed = new Map<string, EncodedResource>();
    for (const part of this.#parts) {
      const { at, shared } = part;
      for (const resource of shared.unit.value.resources) {
        if (resource.typeUrl === typeUrls.listener) composed.set(resource.name, resource);
      }
      const { listener: wanted } = shared.unit.value;
      if (!at || !wanted) continue;
      const lastGood = this.#resources.get(typeUrls.listener)?.get(partListenerName(at, wanted));
      const listener = this.#deps.graph.guard(part, () => partListener(this.#deps.encoder, at, wanted), lastGood);
      if (listener) composed.set(listener.name, listener);
    }
    return composed;
  }

  #composeEndpoints(): TypeResources {
    if (this.#areEndpointsStale) this.#acquireEndpoints();
    const composed = new Map<string, EncodedResource>();
    for (const [name, { unit }] of this.#endpoints) if (unit.value) composed.set(name, unit.value);
    return composed;
  }

  #acquireEndpoints(): void {
    const used = new Map<string, SharedUnit<EncodedResource | undefined>>();
    for (const { shared } of this.#parts) {
      for (const ref of shared.unit.value.endpoints) {
        if (!used.has(ref.name)) used.set(ref.name, this.#deps.endpoints.acquire(endpointsUnit(ref), this));
      }
    }
    for (const [name, shared] of this.#endpoints) if (!used.has(name)) this.#deps.endpoints.release(shared, this);
    this.#endpoints = used;
    this.#areEndpointsStale = false;
  }
}

/** Equal references have equal keys. */
export function endpointsKey({ seenFrom, mesh, name, backend, isIdentified, shape }: EndpointsRef): string {
  const text = `${seenFrom}${isIdentified ? " identified" : ""} ${mesh} ${name}${backend ? ` ${backend.kind}/${backend.name}` : ""}`;
  return shape ? `${text} ${JSON.stringify([inputsOf(shape.effects), shape.target])}` : text;
}

function endpointsUnit(ref: EndpointsRef) {
  return {
    key: endpointsKey(ref),
    name: `endpoints ${ref.name} of mesh ${ref.mesh}, ${ref.seenFrom}`,
    generate: (context: Parameters<typeof endpointsResource>[0]) => endpointsResource(context, ref),
  };
}
