import {
  canonicalJson,
  type DataplaneSpec,
  type HostnameGeneratorSpec,
  keyText,
  type MeshIdentitySpec,
  type MeshServiceSpec,
  type MeshSpec,
  type Resource,
  type ResourceKey,
  type Revision,
} from "@meridian/model";
import { isLocal, isServiceKind, makesMeshServices, readMeshIdentity, type VipNetworks } from "@meridian/services";
import type { ChangeEntry } from "@meridian/store";
import { DataPlanes, type Touched } from "./data-planes.ts";
import { type NameOptions, Names } from "./names.ts";
import { Services } from "./services.ts";

/** Counts the addresses that were ever handed out; each commit that hands one out changes it, so that two of them cannot both pass. */
export const vipGuard = { kind: "Config", mesh: "", name: "meridian-vips" } as const satisfies ResourceKey;

export type Role = "zone" | "global";

/** The kinds whose changes can lead to a write. A global gives nobody an address, and sees data planes of zones that tell it all. */
export const followedKinds: Readonly<Record<Role, readonly string[]>> = {
  zone: [
    vipGuard.kind,
    "Mesh",
    "HostnameGenerator",
    "MeshService",
    "MeshExternalService",
    "MeshMultiZoneService",
    "Workload",
    "MeshIdentity",
    "VirtualOutbound",
    "ExternalService",
    "MeshGateway",
    "ZoneIngress",
    "Dataplane",
  ],
  global: ["MeshService", "MeshMultiZoneService"],
};

export interface StateOptions {
  /** Whose data planes are meant; "" on a global. */
  readonly zone: string;
  /** The data planes behind this service or workload are others now. */
  readonly onMembers: Touched;
  /** Something else that it depends on differs. */
  readonly onContent: Touched;
  readonly vipNetworks?: VipNetworks;
  readonly names?: NameOptions;
}

/** What the store holds, indexed so that a change names the few resources that may have to be written because of it. */
export class State {
  readonly dataPlanes: DataPlanes;
  readonly services: Services;
  readonly names: Names;
  /** Since when ids that MeshServices list are nobody's any more: see lingering.ts. Milliseconds since the epoch. */
  readonly goneIds = new Map<string, number>();
  readonly #options: StateOptions;
  readonly #meshes = new Map<string, Resource<MeshSpec>>();
  readonly #workloads = new Map<string, Resource>();
  /** Local MeshServices by mesh: while there is one, the mesh's data planes have to be known. */
  readonly #localServices = new Map<string, Set<string>>();
  /** By mesh, then name. */
  readonly #identities = new Map<string, Map<string, Resource<MeshIdentitySpec>>>();
  #guard: Resource | undefined;

  constructor(options: StateOptions) {
    this.#options = options;
    this.dataPlanes = new DataPlanes(options.onMembers);
    this.services = new Services(options.onContent, options.vipNetworks);
    this.names = new Names(options.zone, options.onContent, options.names);
  }

  mesh(name: string): MeshSpec | undefined {
    return this.#meshes.get(name)?.spec;
  }

  workload(key: string): Resource | undefined {
    return this.#workloads.get(key);
  }

  get guard(): Resource | undefined {
    return this.#guard;
  }

  /** Meshes whose data planes have to be listed, for something is made of them now. */
  unwatched(): readonly string[] {
    const wanted = [...this.#meshes.keys()].filter((mesh) => this.#isWatchWanted(mesh));
    return wanted.filter((mesh) => !this.dataPlanes.membersOf(mesh));
  }

  watch(mesh: string, dataplanes: readonly Resource<DataplaneSpec>[]): void {
    this.dataPlanes.watch(mesh, dataplanes);
    for (const service of this.services.meshServices(mesh)) this.#select(service as Resource<MeshServiceSpec>);
  }

  apply({ key, resource, revision }: Pick<ChangeEntry, "key" | "resource" | "revision">): void {
    if (resource) this.put(resource);
    else this.#remove(key, revision);
  }

  put(resource: Resource): void {
    const { kind } = resource;
    this.names.put(resource);
    if (kind === "Dataplane") this.dataPlanes.put(resource as Resource<DataplaneSpec>);
    else if (kind === "Mesh") this.#putMesh(resource as Resource<MeshSpec>);
    else if (kind === "HostnameGenerator") this.services.putGenerator(resource as Resource<HostnameGeneratorSpec>);
    else if (kind === "Workload") this.#putWorkload(resource);
    else if (kind === "MeshIdentity") this.#setIdentity(resource, resource as Resource<MeshIdentitySpec>);
    else if (kind === vipGuard.kind && resource.name === vipGuard.name) this.#guard = resource;
    else if (isServiceKind(kind)) {
      // Before the service itself, whose count may be asked for at once.
      if (kind === "MeshService") this.#putLocal(resource as Resource<MeshServiceSpec>);
      this.services.put(resource);
    }
  }

  #remove(key: ResourceKey, revision: Revision): void {
    const { kind, mesh, name } = key;
    this.names.remove(key);
    if (kind === "Dataplane") this.dataPlanes.remove(key, revision);
    else if (kind === "Mesh") this.#removeMesh(name);
    else if (kind === "HostnameGenerator") this.services.removeGenerator(name);
    else if (kind === "MeshIdentity") this.#setIdentity(key, undefined);
    else if (kind === vipGuard.kind && name === vipGuard.name) this.#guard = undefined;
    else if (kind === "Workload") {
      this.#workloads.delete(keyText(key));
      this.#options.onContent(key);
    } else if (isServiceKind(kind)) {
      if (kind === "MeshService") this.#forgetLocal(mesh, name);
      this.services.remove(key);
    }
  }

  #putMesh(mesh: Resource<MeshSpec>): void {
    const before = this.#meshes.get(mesh.name)?.spec;
    this.#meshes.set(mesh.name, mesh);
    const isSame =
      before !== undefined &&
      makesMeshServices(before) === makesMeshServices(mesh.spec) &&
      before.mtls?.enabledBackend === mesh.spec.mtls?.enabledBackend;
    if (isSame) return;
    const offered = this.dataPlanes.membersOf(mesh.name)?.services() ?? [];
    for (const name of new Set([...(this.#localServices.get(mesh.name) ?? []), ...offered])) {
      this.#options.onContent({ kind: "MeshService", mesh: mesh.name, name });
    }
    this.#unwatchIfIdle(mesh.name);
  }

  #removeMesh(name: string): void {
    this.#meshes.delete(name);
    this.#unwatchIfIdle(name);
  }

  /** A status is ours, and says nothing about who data planes are. */
  #setIdentity({ mesh, name }: ResourceKey, identity: Resource<MeshIdentitySpec> | undefined): void {
    const ofMesh = this.#identities.get(mesh) ?? new Map<string, Resource<MeshIdentitySpec>>();
    const before = ofMesh.get(name);
    if (identity) ofMesh.set(name, identity);
    else ofMesh.delete(name);
    this.#identities.set(mesh, ofMesh);
    if (before && identity && sameSpec(before, identity)) return;
    const read = [...ofMesh.values()].map((one) => readMeshIdentity(one, this.#options.zone));
    this.dataPlanes.identitiesChanged(mesh, read);
  }

  #putWorkload(workload: Resource): void {
    this.#workloads.set(keyText(workload), workload);
    this.#options.onContent(workload);
  }

  #putLocal(service: Resource<MeshServiceSpec>): void {
    const { mesh, name } = service;
    if (isLocal(service)) {
      this.#localServices.set(mesh, (this.#localServices.get(mesh) ?? new Set()).add(name));
      this.#select(service);
      const before = this.services.get(keyText(service)) as Resource<MeshServiceSpec> | undefined;
      const isSame = before && canonicalJson(before.spec.selector) === canonicalJson(service.spec.selector);
      if (!isSame) this.#options.onMembers(service);
    } else this.#forgetLocal(mesh, name);
  }

  #forgetLocal(mesh: string, name: string): void {
    const ofMesh = this.#localServices.get(mesh);
    if (!ofMesh?.delete(name)) return;
    if (ofMesh.size === 0) this.#localServices.delete(mesh);
    this.dataPlanes.membersOf(mesh)?.select(name, undefined);
    this.#unwatchIfIdle(mesh);
  }

  #select(service: Resource<MeshServiceSpec>): void {
    if (isLocal(service)) this.dataPlanes.membersOf(service.mesh)?.select(service.name, service.spec.selector ?? {});
  }

  #isWatchWanted(mesh: string): boolean {
    return makesMeshServices(this.mesh(mesh)) || this.#localServices.has(mesh);
  }

  #unwatchIfIdle(mesh: string): void {
    if (!this.#isWatchWanted(mesh)) this.dataPlanes.unwatch(mesh);
  }
}

function sameSpec(a: Resource, b: Resource): boolean {
  return canonicalJson([a.labels, a.spec]) === canonicalJson([b.labels, b.spec]);
}
