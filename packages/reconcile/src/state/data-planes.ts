import { type DataplaneSpec, keyText, type Resource, type ResourceKey } from "@meridian/model";
import { type Member, type MeshIdentity, type ProxyState, spiffeIdsOf, Tally, unknownProxy } from "@meridian/services";
import { MeshMembers, workloadContribution, workloadOf } from "./mesh-members.ts";

/** The resource that may have to be written anew because its data planes changed. */
export type Touched = (key: ResourceKey) => void;

interface Known {
  readonly resource: Resource<DataplaneSpec>;
  readonly workload?: string;
}

/**
 * The data planes of the zone, as far as anything is made of them: those of meshes that are watched, and those with a workload. Of all
 * others nothing is kept.
 */
export class DataPlanes {
  readonly #touched: Touched;
  readonly #known = new Map<string, Known>();
  readonly #watched = new Map<string, MeshMembers>();
  readonly #workloads = new Map<string, Map<string, Tally>>();
  readonly #states = new Map<string, ProxyState>();
  readonly #identities = new Map<string, readonly MeshIdentity[]>();

  constructor(touched: Touched) {
    this.#touched = touched;
  }

  /** Undefined: nothing is made of the data planes of this mesh. */
  membersOf(mesh: string): MeshMembers | undefined {
    return this.#watched.get(mesh);
  }

  workload(mesh: string, name: string): Tally {
    return this.#workloads.get(mesh)?.get(name) ?? new Tally();
  }

  /** @param resources the data planes that the mesh has. */
  watch(mesh: string, resources: readonly Resource<DataplaneSpec>[]): void {
    this.#watched.set(mesh, new MeshMembers());
    for (const resource of resources) this.#place(resource);
  }

  unwatch(mesh: string): void {
    const members = this.#watched.get(mesh);
    if (!members) return;
    this.#watched.delete(mesh);
    for (const service of members.services()) this.#touched({ kind: "MeshService", mesh, name: service });
    for (const [key, { resource, workload }] of this.#known) {
      if (resource.mesh === mesh && workload === undefined) this.#known.delete(key);
    }
  }

  /** What was read before, and late, changes nothing. */
  put(resource: Resource<DataplaneSpec>): void {
    const known = this.#known.get(keyText(resource));
    if (!known || known.resource.version < resource.version) this.#place(resource);
  }

  remove(key: ResourceKey, revision: number): void {
    const known = this.#known.get(keyText(key));
    if (!known || known.resource.version > revision) return;
    this.#known.delete(keyText(key));
    this.#count(key, undefined, known.workload);
  }

  /** The MeshIdentities of a mesh are others now: each of its data planes may be somebody else. */
  identitiesChanged(mesh: string, identities: readonly MeshIdentity[]): void {
    this.#identities.set(mesh, identities);
    for (const { resource } of [...this.#known.values()]) if (resource.mesh === mesh) this.#place(resource);
  }

  /** @param state undefined: nothing is known of the proxy. */
  proxyChanged(key: ResourceKey, state: ProxyState | undefined): void {
    const dataplane = keyText({ ...key, kind: "Dataplane" });
    if (same(this.#states.get(dataplane), state)) return;
    if (state) this.#states.set(dataplane, state);
    else this.#states.delete(dataplane);
    const known = this.#known.get(dataplane);
    if (known) this.#place(known.resource);
  }

  /** Keys of all whose proxies something is known of. */
  proxies(): Iterable<string> {
    return this.#states.keys();
  }

  #place(resource: Resource<DataplaneSpec>): void {
    const key = keyText(resource);
    const before = this.#known.get(key)?.workload;
    const workload = workloadOf(resource);
    if (workload === undefined && !this.#watched.has(resource.mesh)) this.#known.delete(key);
    else this.#known.set(key, { resource, ...(workload !== undefined && { workload }) });
    const { mesh, name, labels, spec } = resource;
    const spiffeIds = spiffeIdsOf(labels, this.#identities.get(mesh) ?? []);
    this.#count(resource, { name, labels, spec, spiffeIds, state: this.#states.get(key) ?? unknownProxy }, before);
  }

  #count({ mesh, name }: ResourceKey, member: Member | undefined, workloadBefore: string | undefined): void {
    for (const service of this.#watched.get(mesh)?.set(name, member) ?? []) {
      this.#touched({ kind: "MeshService", mesh, name: service });
    }
    const workload = member && workloadOf(member);
    if (workloadBefore !== undefined && workloadBefore !== workload) this.#countWorkload(mesh, workloadBefore, name, undefined);
    if (workload !== undefined) this.#countWorkload(mesh, workload, name, member);
  }

  #countWorkload(mesh: string, workload: string, name: string, member: Member | undefined): void {
    const ofMesh = this.#workloads.get(mesh) ?? new Map<string, Tally>();
    const tally = ofMesh.get(workload) ?? new Tally();
    tally.set(name, member && workloadContribution(member));
    if (tally.size > 0) ofMesh.set(workload, tally);
    else ofMesh.delete(workload);
    if (ofMesh.size > 0) this.#workloads.set(mesh, ofMesh);
    else this.#workloads.delete(mesh);
    this.#touched({ kind: "Workload", mesh, name: workload });
  }
}

function same(a: ProxyState | undefined, b: ProxyState | undefined): boolean {
  return a?.isConnected === b?.isConnected && a?.isCertified === b?.isCertified;
}
