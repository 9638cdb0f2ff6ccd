import {
  type HostnameGeneratorSpec,
  keyText,
  type MeshMultiZoneServiceSpec,
  type Resource,
  type ResourceKey,
} from "@meridian/model";
import { isServiceKind, type VipNetworks, Vips, vipOf } from "@meridian/services";
import type { Touched } from "./data-planes.ts";
import { HostnameIndex } from "./hostname-index.ts";
import { MultiZoneIndex } from "./multi-zone-index.ts";

/** All that is in the store of the three kinds of services, with what they have and what they are called. */
export class Services {
  readonly vips: Vips;
  readonly hostnames = new HostnameIndex();
  readonly multiZone = new MultiZoneIndex();
  readonly #touched: Touched;
  readonly #all = new Map<string, Resource>();
  /** MeshServices by mesh, then by name. */
  readonly #meshServices = new Map<string, Map<string, Resource>>();

  constructor(touched: Touched, networks?: VipNetworks) {
    this.#touched = touched;
    this.vips = new Vips(networks);
  }

  /** @param key its `keyText` */
  get(key: string): Resource | undefined {
    return this.#all.get(key);
  }

  meshServices(mesh: string): Iterable<Resource> {
    return this.#meshServices.get(mesh)?.values() ?? [];
  }

  put(resource: Resource): void {
    const key = keyText(resource);
    const before = this.#all.get(key);
    this.#all.set(key, resource);
    const vip = vipOf(resource.status);
    if (isServiceKind(resource.kind) && vip !== undefined) this.vips.claim(resource.kind, key, vip);
    this.#touchAll(this.hostnames.put(resource));
    if (resource.kind === "MeshService") this.#putMeshService(resource, before);
    if (resource.kind === "MeshMultiZoneService") {
      this.multiZone.put(resource as Resource<MeshMultiZoneServiceSpec>, this.meshServices(resource.mesh));
    }
    this.#touched(resource);
  }

  remove(key: ResourceKey): void {
    const text = keyText(key);
    const before = this.#all.get(text);
    if (!before) return;
    this.#all.delete(text);
    this.vips.release(key.kind, text);
    this.#touchAll(this.hostnames.remove(text));
    this.multiZone.remove(text);
    if (key.kind === "MeshService") this.#removeMeshService(before);
    this.#touched(key);
  }

  putGenerator(generator: Resource<HostnameGeneratorSpec>): void {
    this.#rename(this.hostnames.putGenerator(generator, this.#all.values()));
  }

  removeGenerator(name: string): void {
    this.#rename(this.hostnames.removeGenerator(name, this.#all.values()));
  }

  #rename(services: readonly Resource[]): void {
    for (const service of services) {
      this.#touchAll(this.hostnames.put(service));
      this.#touched(service);
    }
  }

  #putMeshService(service: Resource, before: Resource | undefined): void {
    const ofMesh = this.#meshServices.get(service.mesh) ?? new Map<string, Resource>();
    this.#meshServices.set(service.mesh, ofMesh.set(service.name, service));
    this.#touchAll(this.multiZone.serviceChanged(before, service));
  }

  #removeMeshService(service: Resource): void {
    const ofMesh = this.#meshServices.get(service.mesh);
    ofMesh?.delete(service.name);
    if (ofMesh?.size === 0) this.#meshServices.delete(service.mesh);
    this.#touchAll(this.multiZone.serviceChanged(service, undefined));
  }

  #touchAll(keys: Iterable<string>): void {
    for (const key of keys) {
      const resource = this.#all.get(key);
      if (resource) this.#touched(resource);
    }
  }
}
