import {
  type DataplaneSpec,
  type ExternalServiceSpec,
  keyText,
  labelNames,
  type Resource,
  type ResourceKey,
  tagNames,
  type VirtualOutboundSpec,
  type ZoneIngressSpec,
} from "@meridian/model";
import {
  AddressPool,
  defaultNameSettings,
  hostOf,
  NameClaims,
  type NameEntry,
  type NameSettings,
  type NameSpec,
  nameKey,
  servingInbounds,
} from "@meridian/services";
import { CrossMeshNames } from "./cross-mesh-names.ts";
import type { Touched } from "./data-planes.ts";

/** Where host names of tagged services, ExternalServices and VirtualOutbounds get their addresses. */
export interface NameOptions extends NameSettings {
  /** An IPv4 network that no other VIPs come from. */
  readonly network: string;
}

/** The peer's 240.0.0.0/4, but for what it gives to MeshServices and their like (reference: multizone.md section 7). */
export const defaultNameOptions: NameOptions = { ...defaultNameSettings, network: "240.0.0.0/8" };

/** Kinds that host names are made of. */
const sourceKinds = ["Dataplane", "ZoneIngress", "ExternalService", "VirtualOutbound"] as const;

/** The host names that every mesh should have, and those that the store has, with their addresses. */
export class Names {
  readonly #zone: string;
  readonly #touched: Touched;
  readonly #settings: NameSettings;
  readonly #pool: AddressPool;
  readonly #claims = new Map<string, NameClaims>();
  readonly #crossMesh: CrossMeshNames;
  /** By `keyText`. */
  readonly #stored = new Map<string, Resource<NameSpec>>();
  /** Meshes that an ingress offers services of. */
  readonly #offering = new Map<string, ReadonlySet<string>>();

  /** @param touched the name, or what it leads to, is to be looked at. */
  constructor(zone: string, touched: Touched, { network, ...settings }: NameOptions = defaultNameOptions) {
    this.#zone = zone;
    this.#touched = touched;
    this.#settings = settings;
    this.#pool = new AddressPool(network);
    this.#crossMesh = new CrossMeshNames(settings, (mesh, gateway, claims) => {
      this.#of(mesh).setGateway(gateway, claims);
      this.#forgetIfEmpty(mesh);
    });
  }

  /** What a name should mean; undefined: it should not be there. */
  wanted(mesh: string, host: string): NameEntry | undefined {
    return this.#claims.get(mesh)?.entryOf(host);
  }

  stored(key: ResourceKey): Resource<NameSpec> | undefined {
    return this.#stored.get(keyText(key));
  }

  held(mesh: string, host: string): string | undefined {
    return this.#pool.addressOf(poolName(mesh, host));
  }

  /** @throws RangeError when none is free. */
  allocate(mesh: string, host: string): string {
    return this.#pool.allocate(poolName(mesh, host), poolName(mesh, host));
  }

  release(mesh: string, host: string): void {
    this.#pool.release(poolName(mesh, host));
  }

  /** Kinds that have nothing to do with names are left alone. */
  put(resource: Resource): void {
    const { kind, mesh, name } = resource;
    const host = hostOf(resource);
    if (host !== undefined) this.#putStored(resource as Resource<NameSpec>, host);
    else if (kind === "Dataplane") this.#putDataplane(resource as Resource<DataplaneSpec>);
    else if (kind === "ZoneIngress") this.#putIngress(resource as Resource<ZoneIngressSpec>);
    else if (kind === "ExternalService") this.#of(mesh).setExternal(name, resource.spec as ExternalServiceSpec);
    else if (kind === "VirtualOutbound") this.#of(mesh).setVirtualOutbound(name, resource as Resource<VirtualOutboundSpec>);
    else this.#crossMesh.put(resource);
  }

  remove(key: ResourceKey): void {
    const { kind, mesh, name } = key;
    const host = hostOf(key);
    if (host !== undefined) this.#removeStored(key, host);
    else if (kind === "ZoneIngress") this.#offer(name, new Map());
    else if ((sourceKinds as readonly string[]).includes(kind)) {
      const claims = this.#of(mesh);
      if (kind === "Dataplane") claims.setSource(name, []);
      else if (kind === "ExternalService") claims.setExternal(name, undefined);
      else claims.setVirtualOutbound(name, undefined);
      this.#forgetIfEmpty(mesh);
    } else this.#crossMesh.remove(key);
  }

  #forgetIfEmpty(mesh: string): void {
    if (this.#claims.get(mesh)?.isEmpty) this.#claims.delete(mesh);
  }

  #putStored(resource: Resource<NameSpec>, host: string): void {
    this.#stored.set(keyText(resource), resource);
    // An address of another network, or of somebody else, is not kept: `plan` finds that it has to give another.
    this.#pool.claim(poolName(resource.mesh, host), resource.spec.ip);
    this.#touched(resource);
  }

  #removeStored(key: ResourceKey, host: string): void {
    if (!this.#stored.delete(keyText(key))) return;
    this.release(key.mesh, host);
    this.#touched(key);
  }

  #putDataplane({ mesh, name, labels, spec }: Resource<DataplaneSpec>): void {
    const isOwn = (labels[labelNames.zone] ?? this.#zone) === this.#zone;
    this.#of(mesh).setSource(name, isOwn ? servingInbounds(spec).map(({ tags }) => tags) : []);
  }

  /** What the own ingress offers is known from the data planes behind it. */
  #putIngress({ name, labels, spec }: Resource<ZoneIngressSpec>): void {
    const zone = labels[labelNames.zone] || spec.zone || this.#zone;
    const byMesh = new Map<string, Readonly<Record<string, string>>[]>();
    for (const { mesh, tags } of zone === this.#zone ? [] : (spec.availableServices ?? [])) {
      // What is for other meshes has its names from its MeshGateway, which every zone knows.
      if (tags?.[tagNames.mesh] !== undefined) continue;
      byMesh.set(mesh ?? "", [...(byMesh.get(mesh ?? "") ?? []), tags ?? {}]);
    }
    this.#offer(name, byMesh);
  }

  #offer(ingress: string, byMesh: ReadonlyMap<string, readonly Readonly<Record<string, string>>[]>): void {
    const meshes = new Set(byMesh.keys());
    for (const [mesh, tagSets] of byMesh) this.#of(mesh).setSource(ingressSource(ingress), tagSets);
    for (const mesh of this.#offering.get(ingress) ?? []) {
      if (!meshes.has(mesh)) this.#of(mesh).setSource(ingressSource(ingress), []);
    }
    if (meshes.size > 0) this.#offering.set(ingress, meshes);
    else this.#offering.delete(ingress);
  }

  #of(mesh: string): NameClaims {
    const known = this.#claims.get(mesh);
    if (known) return known;
    const claims = new NameClaims(this.#settings, (host) => this.#touched(nameKey(mesh, host)));
    this.#claims.set(mesh, claims);
    return claims;
  }
}

/** No data plane is called so. */
function ingressSource(name: string): string {
  return ` ${name}`;
}

function poolName(mesh: string, host: string): string {
  return `${mesh}/${host}`;
}
