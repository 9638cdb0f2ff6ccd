import {
  type ConfigEngine,
  createConfigEngine,
  generate,
  type MeshView,
  proxyIdentity,
  type ViewChange,
} from "@meridian/generator";
import {
  keyText,
  parseKeyText,
  type Resource,
  type ResourceKey,
  type ZoneEgressSpec,
  type ZoneIngressSpec,
} from "@meridian/model";
import { ProxyView } from "./proxy-view.ts";
import { usualProxy, zoneOf } from "./zones.ts";

/** A proxy between client and server that looks at the server name. */
export interface ZoneProxy {
  readonly kind: "ingress" | "egress";
  readonly zone: string;
  readonly resource: Resource<ZoneIngressSpec> | Resource<ZoneEgressSpec>;
}

/** One zone as its control plane sees it, without its proxies: their configs are generated one by one, on demand. */
export class ZoneWorld {
  readonly zone: string;
  readonly #engine: ConfigEngine;
  readonly #resources = new Map<string, Resource>();
  /** `keyText` in the zone → `keyText` at whoever explains, where the two differ. */
  readonly #ownNames = new Map<string, string>();
  readonly #configs = new Map<string, ProxyView>();
  #added: ViewChange[] = [];

  constructor(zone: string) {
    this.zone = zone;
    this.#engine = createConfigEngine({ zone });
  }

  /** @param resource by its name in the zone. @param ownName its `keyText` at whoever explains. */
  add(resource: Resource, ownName: string): void {
    const key = keyText(resource);
    this.#resources.set(key, resource);
    if (key !== ownName) this.#ownNames.set(key, ownName);
    this.#added.push({ op: "put", resource });
  }

  /** Takes in what was added. */
  settle(): void {
    this.#engine.apply(this.#added);
    this.#added = [];
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

  /** `keyText`s of policies as whoever explains knows them. */
  ownNames(keys: readonly string[]): readonly string[] {
    return keys.map((key) => this.#ownNames.get(key) ?? key);
  }

  /** The ingress that advertises an address, or the egress of this zone that has it. */
  zoneProxyAt(address: string): ZoneProxy | undefined {
    const ingress = this.list<ZoneIngressSpec>("ZoneIngress").find(({ spec: { networking } }) => {
      return `${networking.advertisedAddress}:${networking.advertisedPort}` === address;
    });
    if (ingress) return { kind: "ingress", zone: zoneOf(ingress), resource: ingress };
    const egress = this.list<ZoneEgressSpec>("ZoneEgress").find(({ spec: { networking } }) => {
      return networking && `${networking.address}:${networking.port}` === address;
    });
    return egress && { kind: "egress", zone: this.zone, resource: egress };
  }

  /** What the proxy behind a resource gets, from the generator of production. */
  config(key: ResourceKey): ProxyView {
    const text = keyText(key);
    const known = this.#configs.get(text) ?? this.#generate(key);
    this.#configs.set(text, known);
    return known;
  }

  /** URI names in the certificate that a proxy shows in a mesh; none: it has no certificate. */
  identityOf({ kind, name }: ResourceKey, mesh: string): readonly string[] {
    const labels = kind === "Dataplane" ? this.view.dataplane(mesh, name)?.labels : undefined;
    // An agent beside the proxy may issue it: then its config asks for none.
    const given = labels && proxyIdentity(this.view, mesh, labels);
    return given ? [given.spiffeId] : this.config({ kind, name, mesh: kind === "Dataplane" ? mesh : "" }).identity(mesh);
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
