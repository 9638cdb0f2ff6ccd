import type { EncodedResource, TypeUrl } from "@meridian/envoy";
import {
  type ConfigEngine,
  createConfigEngine,
  generate,
  type MeshView,
  type ProxyConfig,
  type ViewChange,
} from "@meridian/generator";
import { keyText, parseKeyText, type Resource, type ResourceKey } from "@meridian/model";
import { type Json, resourceJson } from "../envoy/json.ts";
import { usualProxy } from "./zones.ts";

/** The config of one proxy as JSON, read only where somebody looks. */
export class ProxyView {
  readonly #config: ProxyConfig;
  readonly #read = new Map<EncodedResource, Json>();

  constructor(config: ProxyConfig) {
    this.#config = config;
  }

  get identity(): ProxyConfig["identity"] {
    return this.#config.identity;
  }

  json(typeUrl: TypeUrl, name: string): Json | undefined {
    const resource = this.#config.resources.get(typeUrl)?.get(name);
    if (!resource) return undefined;
    const known = this.#read.get(resource) ?? resourceJson(resource);
    this.#read.set(resource, known);
    return known;
  }

  /** `keyText` of the policies that shape it; empty for one that does not exist. */
  origins(typeUrl: TypeUrl, name: string): readonly string[] {
    return this.#config.resources.get(typeUrl)?.get(name)?.origins ?? [];
  }
}

/** One zone as its control plane sees it, without its proxies: their configs are generated one by one, on demand. */
export class ZoneWorld {
  readonly zone: string;
  readonly #engine: ConfigEngine;
  readonly #resources: ReadonlyMap<string, Resource>;
  readonly #configs = new Map<string, ProxyView>();

  /** @param resources those of the zone, by their names there. */
  constructor(zone: string, resources: readonly Resource[]) {
    this.zone = zone;
    this.#engine = createConfigEngine({ zone });
    this.#engine.apply(resources.map((resource) => ({ op: "put", resource })));
    this.#resources = new Map(resources.map((resource) => [keyText(resource), resource]));
  }

  get view(): MeshView {
    return this.#engine.view;
  }

  get<S>(key: ResourceKey): Resource<S> | undefined {
    return this.#resources.get(keyText(key)) as Resource<S> | undefined;
  }

  list<S>(kind: string): readonly Resource<S>[] {
    return [...this.#resources.values()].filter((resource) => resource.kind === kind) as readonly Resource<S>[];
  }

  /** What the proxy behind a resource gets, from the generator of production. */
  config(key: ResourceKey): ProxyView {
    const text = keyText(key);
    const known = this.#configs.get(text) ?? this.#generate(key);
    this.#configs.set(text, known);
    return known;
  }

  /**
   * What it would get if these policies did not exist. @param as stands in for its own resource, e.g. with fewer outbounds, so that
   * less has to be generated.
   */
  configWithout(policies: readonly string[], as: Resource): ProxyView {
    const changes: readonly ViewChange[] = [
      ...policies.map((policy) => ({ op: "delete" as const, key: parseKeyText(policy) })),
      { op: "put", resource: as },
    ];
    const keys = [...policies, keyText(as)];
    this.#engine.apply(changes);
    try {
      return this.#generate(as);
    } finally {
      this.#engine.apply(
        keys.flatMap((text) => {
          const resource = this.#resources.get(text);
          return resource ? [{ op: "put" as const, resource }] : [];
        }),
      );
    }
  }

  #generate(key: ResourceKey): ProxyView {
    const proxy = usualProxy(key);
    return new ProxyView(proxy ? generate(proxy, this.view) : { resources: new Map() });
  }
}
