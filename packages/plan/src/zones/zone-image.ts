import { usualProxy, zoneOf } from "@meridian/explain";
import {
  type ConfigEngine,
  createConfigEngine,
  type ProxyDescription,
  type ProxyUpdate,
  type ViewChange,
} from "@meridian/generator";
import { keyText, parseKeyText, type Resource, type ResourceKey } from "@meridian/model";

/** What a step did, and how to take it back. */
export interface ImageStep {
  /** By proxy id. */
  readonly updates: ReadonlyMap<string, ProxyUpdate>;
  readonly inverse: readonly ViewChange[];
}

const proxiesPerStep = 100;

/** One zone as its control plane sees it, with the engine of production and all proxies of the zone attached. */
export class ZoneImage {
  readonly zone: string;
  readonly engine: ConfigEngine;
  readonly #resources = new Map<string, Resource>();
  readonly #proxies = new Map<string, ProxyDescription>();

  constructor(zone: string) {
    this.zone = zone;
    this.engine = createConfigEngine({ zone });
  }

  /** By proxy id. */
  get proxies(): ReadonlyMap<string, ProxyDescription> {
    return this.#proxies;
  }

  /** As it is in the zone. */
  resource(key: ResourceKey): Resource | undefined {
    return this.#resources.get(keyText(key));
  }

  /** Fills an empty image; goes on when the next step is asked for, so that a large zone need not hold up everything else. */
  *load(resources: readonly Resource[]): Generator<void, void, void> {
    for (const resource of resources) this.#resources.set(keyText(resource), resource);
    this.engine.apply(resources.map((resource) => ({ op: "put", resource })));
    let attached = 0;
    for (const resource of resources) {
      if (this.#attach(resource) && ++attached % proxiesPerStep === 0) yield;
    }
  }

  /** Takes changes in for good. Proxies come and go with their resources. */
  follow(changes: readonly ViewChange[]): void {
    this.apply(changes);
    for (const id of this.#proxies.keys()) this.#detachIfGone(id);
  }

  /** As `follow`, but a proxy stays when its resource goes, so that `inverse` leads back exactly. */
  apply(changes: readonly ViewChange[]): ImageStep {
    const inverse: ViewChange[] = [];
    for (const change of changes) {
      const key = keyText(change.op === "put" ? change.resource : change.key);
      const previous = this.#resources.get(key);
      inverse.unshift(previous ? { op: "put", resource: previous } : { op: "delete", key: parseKeyText(key) });
      if (change.op === "delete") this.#resources.delete(key);
      else {
        this.#resources.set(key, change.resource);
        this.#attach(change.resource);
      }
    }
    return { updates: this.engine.apply(changes), inverse };
  }

  /** Takes a step back. */
  revert(inverse: readonly ViewChange[]): ReadonlyMap<string, ProxyUpdate> {
    const { updates } = this.apply(inverse);
    for (const change of inverse) if (change.op === "delete") this.#detachIfGone(usualProxy(change.key)?.id ?? "");
    return updates;
  }

  /** Before its resource is in the view: then the whole config of a new proxy is its first update. */
  #attach(resource: Resource): boolean {
    const description = usualProxy(resource);
    if (!description || this.#proxies.has(description.id) || (zoneOf(resource) || this.zone) !== this.zone) return false;
    this.#proxies.set(description.id, description);
    this.engine.attach(description);
    return true;
  }

  #detachIfGone(id: string): void {
    const proxy = this.#proxies.get(id);
    if (!proxy) return;
    const kind = proxy.type === "dataplane" ? "Dataplane" : "ZoneIngress";
    const resource = this.#resources.get(keyText({ kind, mesh: proxy.mesh, name: proxy.name }));
    if (resource && (zoneOf(resource) || this.zone) === this.zone) return;
    this.#proxies.delete(id);
    this.engine.detach(id);
  }
}
