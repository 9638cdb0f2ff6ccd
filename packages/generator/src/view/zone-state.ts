import {
  compareText,
  type DataplaneSpec,
  type ExternalServiceSpec,
  keyText,
  type MeshSpec,
  type Resource,
  type ResourceKey,
  tagNames,
  type ZoneEgressSpec,
  type ZoneIngressSpec,
} from "@meridian/model";
import type { CrossMeshChange } from "./cross-mesh-gateways.ts";
import type { DataplaneFacts } from "./dataplane-facts.ts";
import { Dataplanes } from "./dataplanes.ts";
import { type ExternalEndpoint, externalEndpoint } from "./external-service-facts.ts";
import { ExternalServices } from "./external-services.ts";
import { viewKeys } from "./keys.ts";
import { type MeshFacts, meshFacts, sameMeshFacts } from "./mesh-facts.ts";
import { MeshRecord } from "./mesh-record.ts";
import { ServiceIndex } from "./service-index.ts";
import { zoneEgressFacts } from "./zone-egress-facts.ts";
import { ZoneEgresses } from "./zone-egresses.ts";
import { parseServiceKey, serviceKey, type ZoneIngressFacts, zoneIngressFacts } from "./zone-ingress-facts.ts";
import { ZoneIngresses } from "./zone-ingresses.ts";

/** The indexes that a zone's view is read from, and how one resource changes them. `touched` collects view keys (see viewKeys). */
export class ZoneState {
  readonly dataplanes: Dataplanes;
  readonly ingresses = new ZoneIngresses();
  readonly egresses = new ZoneEgresses();
  readonly services = new ServiceIndex();
  readonly externals = new ExternalServices();
  readonly #zone: string;
  readonly #meshes = new Map<string, MeshFacts>();
  /** Policies may arrive before their Mesh. */
  readonly #records = new Map<string, MeshRecord>();

  constructor(zone: string) {
    this.#zone = zone;
    this.dataplanes = new Dataplanes(zone);
  }

  mesh(name: string): MeshFacts | undefined {
    return this.#meshes.get(name);
  }

  /** What a mesh has; empty where nothing has come of it. */
  record(mesh: string): MeshRecord {
    const record = this.#records.get(mesh) ?? new MeshRecord(mesh, this.#zone);
    this.#records.set(mesh, record);
    return record;
  }

  /** All that are known, sorted by mesh. */
  records(): readonly (readonly [mesh: string, record: MeshRecord])[] {
    return [...this.#records].sort(([a], [b]) => compareText(a, b));
  }

  put(resource: Resource, touched: Set<string>): void {
    const { kind, mesh, name } = resource;
    if (kind === "Mesh") this.#setMesh(name, meshFacts(resource as Resource<MeshSpec>), touched);
    else if (kind === "Dataplane") {
      this.#setDataplane(mesh, name, this.dataplanes.facts(resource as Resource<DataplaneSpec>), touched);
    } else if (kind === "ZoneEgress") {
      this.egresses.set(name, zoneEgressFacts(resource as Resource<ZoneEgressSpec>, this.#zone), touched);
    } else if (kind === "ZoneIngress") {
      this.#setIngress(name, zoneIngressFacts(resource as Resource<ZoneIngressSpec>, this.#zone), touched);
    } else {
      if (kind === "ExternalService") {
        this.#setExternal(mesh, name, externalEndpoint(resource as Resource<ExternalServiceSpec>), touched);
      }
      this.record(mesh).put(resource, touched);
      if (kind === "MeshGateway") this.#setMeshGateways(mesh, touched);
    }
  }

  delete(key: ResourceKey, touched: Set<string>): void {
    const { kind, mesh, name } = key;
    if (kind === "Mesh") this.#setMesh(name, undefined, touched);
    else if (kind === "Dataplane") this.#setDataplane(mesh, name, undefined, touched);
    else if (kind === "ZoneEgress") this.egresses.set(name, undefined, touched);
    else if (kind === "ZoneIngress") this.#setIngress(name, undefined, touched);
    else {
      if (kind === "ExternalService") this.#setExternal(mesh, name, undefined, touched);
      this.record(mesh).delete(kind, keyText(key), touched);
      if (kind === "MeshGateway") this.#setMeshGateways(mesh, touched);
    }
  }

  #setMesh(name: string, facts: MeshFacts | undefined, touched: Set<string>): void {
    if (sameMeshFacts(this.#meshes.get(name), facts)) return;
    if (facts) this.#meshes.set(name, facts);
    else this.#meshes.delete(name);
    touched.add(viewKeys.mesh(name));
  }

  #setDataplane(mesh: string, name: string, facts: DataplaneFacts | undefined, touched: Set<string>): void {
    const old = this.dataplanes.set(mesh, name, facts);
    if (!old && !facts) return;
    touched.add(viewKeys.dataplane(mesh, name));
    this.record(mesh).members.setDataplane(name, facts, touched);
    const services = new Set([...(old?.endpoints.keys() ?? []), ...(facts?.endpoints.keys() ?? [])]);
    this.#setLocal(mesh, { name, services, endpoints: facts?.endpoints ?? new Map() }, touched);
    if (!old?.builtinGateway && !facts?.builtinGateway) return;
    const { crossMesh } = this.record(mesh);
    const changes = crossMesh.setDataplane(name, facts, this.record(mesh).resources("MeshGateway"));
    for (const change of changes) this.#setLocal(mesh, change, touched);
  }

  #setMeshGateways(mesh: string, touched: Set<string>): void {
    const { crossMesh } = this.record(mesh);
    const changes = crossMesh.setResources(this.record(mesh).resources("MeshGateway"));
    for (const change of changes) this.#setLocal(mesh, change, touched);
  }

  #setLocal(mesh: string, { name, services, endpoints }: CrossMeshChange, touched: Set<string>): void {
    for (const service of services) {
      const change = this.services.setLocal(serviceKey(mesh, service), name, endpoints.get(service));
      if (change.endpoints) touched.add(viewKeys.localEndpoints(mesh, service));
      if (change.protocol) touched.add(viewKeys.protocol(mesh, service));
      if (change.presence) touched.add(viewKeys.localServices);
    }
  }

  #setIngress(name: string, facts: ZoneIngressFacts | undefined, touched: Set<string>): void {
    const old = this.ingresses.set(name, facts, touched);
    for (const key of new Set([...(old?.offers.keys() ?? []), ...(facts?.offers.keys() ?? [])])) {
      const { mesh, service } = parseServiceKey(key);
      const change = this.services.setRemote(key, name, facts?.offers.get(key));
      if (change.endpoints) touched.add(viewKeys.remoteOffers(mesh, service));
      if (change.protocol) touched.add(viewKeys.protocol(mesh, service));
      if (change.presence) touched.add(viewKeys.remoteServices);
    }
  }

  #setExternal(mesh: string, name: string, endpoint: ExternalEndpoint | undefined, touched: Set<string>): void {
    for (const service of this.externals.set(mesh, name, endpoint, touched)) {
      const now = endpoint?.tags[tagNames.service] === service ? [endpoint] : undefined;
      const change = this.services.setExternal(serviceKey(mesh, service), name, now);
      if (change.endpoints) touched.add(viewKeys.externalEndpoints(mesh, service));
      if (change.protocol) touched.add(viewKeys.protocol(mesh, service));
      if (change.presence) touched.add(viewKeys.outsideServices);
    }
  }
}
