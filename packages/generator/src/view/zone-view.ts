import {
  compareText,
  type DataplaneSpec,
  type ExternalServiceSpec,
  keyText,
  type MeshSpec,
  type Resource,
  type ResourceKey,
  type Tags,
  tagNames,
  type ZoneEgressSpec,
  type ZoneIngressSpec,
} from "@meridian/model";
import type { PolicyNote, Protocol } from "@meridian/policies";
import { type MeshIdentity, type ServiceKind, serviceKinds, soleServiceOf } from "@meridian/services";
import type { ViewChange } from "../types.ts";
import type { DataplaneFacts } from "./dataplane-facts.ts";
import { Dataplanes } from "./dataplanes.ts";
import { type ExternalEndpoint, externalEndpoint } from "./external-service-facts.ts";
import { ExternalServices } from "./external-services.ts";
import type { TrustFacts, WaitingIdentity } from "./identity-index.ts";
import { viewKeys } from "./keys.ts";
import type { LocalEndpoint } from "./local-endpoint.ts";
import { type MeshFacts, meshFacts, sameMeshFacts } from "./mesh-facts.ts";
import { MeshRecord } from "./mesh-record.ts";
import type { LocalService, MeshedService, MeshView, PoliciesOf } from "./mesh-view.ts";
import type { OutboundList } from "./outbound-list.ts";
import { type NamedAddress, type ServiceFacts, selectorOf } from "./service-facts.ts";
import { ServiceIndex } from "./service-index.ts";
import { type ZoneEgressFacts, zoneEgressFacts } from "./zone-egress-facts.ts";
import { ZoneEgresses } from "./zone-egresses.ts";
import {
  type IngressAddress,
  parseServiceKey,
  type RemoteOffer,
  serviceKey,
  type ZoneIngressFacts,
  zoneIngressFacts,
} from "./zone-ingress-facts.ts";
import { ZoneIngresses } from "./zone-ingresses.ts";

type Attempt = (change: ViewChange, run: () => void) => void;

/** The zone's view, indexed and kept up to date change by change. A change costs what it touches, whatever else is there. */
export class ZoneView implements MeshView {
  readonly zone: string;
  readonly #meshes = new Map<string, MeshFacts>();
  /** Policies may arrive before their Mesh. */
  readonly #records = new Map<string, MeshRecord>();
  readonly #dataplanes: Dataplanes;
  readonly #ingresses = new ZoneIngresses();
  readonly #egresses = new ZoneEgresses();
  readonly #services = new ServiceIndex();
  readonly #externals = new ExternalServices();

  constructor(zone: string) {
    this.zone = zone;
    this.#dataplanes = new Dataplanes(zone);
  }

  /**
   * Returns the keys (see viewKeys) of the facts that may differ now.
   * @param attempt runs the work of one change; what to do when it throws is up to the caller. The view then keeps what it had.
   */
  apply(changes: readonly ViewChange[], attempt: Attempt = (_change, run) => run()): ReadonlySet<string> {
    const touched = new Set<string>();
    for (const change of changes) {
      attempt(change, () => {
        if (change.op === "put") this.#put(change.resource, touched);
        else this.#delete(change.key, touched);
      });
    }
    return touched;
  }

  mesh(mesh: string): MeshFacts | undefined {
    return this.#meshes.get(mesh);
  }

  identities(mesh: string): readonly MeshIdentity[] {
    return this.#record(mesh).identities.ready;
  }

  waitingIdentities(mesh: string): readonly WaitingIdentity[] {
    return this.#record(mesh).identities.waiting;
  }

  trust(mesh: string): TrustFacts {
    return this.#record(mesh).identities.trust;
  }

  dataplane(mesh: string, name: string): DataplaneFacts | undefined {
    return this.#dataplanes.get(mesh, name);
  }

  zoneIngress(name: string): ZoneIngressFacts | undefined {
    return this.#ingresses.get(name);
  }

  zoneEgress(name: string): ZoneEgressFacts | undefined {
    return this.#egresses.get(name);
  }

  zoneEgresses(): readonly IngressAddress[] {
    return this.#egresses.addresses;
  }

  localEndpoints(mesh: string, service: string): readonly LocalEndpoint[] {
    return this.#services.healthyLocal(serviceKey(mesh, service));
  }

  remoteOffers(mesh: string, service: string): readonly RemoteOffer[] {
    return this.#services.remote(serviceKey(mesh, service));
  }

  remoteIngressCount(): number {
    return this.#ingresses.remoteCount;
  }

  externalEndpoints(mesh: string, service: string): readonly ExternalEndpoint[] {
    return this.#services.external(serviceKey(mesh, service));
  }

  hasExternalServices(mesh: string): boolean {
    return this.#externals.has(mesh);
  }

  protocol(mesh: string, service: string): Protocol | undefined {
    return this.#services.protocol(serviceKey(mesh, service));
  }

  localServices(): readonly LocalService[] {
    return this.#services.present("local").map(parseServiceKey);
  }

  remoteServices(): readonly LocalService[] {
    return this.#services.present("remote").map(parseServiceKey);
  }

  outsideServices(): readonly LocalService[] {
    return this.#services.present("external").map(parseServiceKey);
  }

  outboundPolicies(mesh: string, ...names: readonly string[]): PoliciesOf {
    return this.#record(mesh).outboundPolicies(names);
  }

  hasTrafficRoutes(mesh: string): boolean {
    return this.#record(mesh).hasTrafficRoutes;
  }

  resources(mesh: string, kind: string): readonly Resource[] {
    return this.#record(mesh).resources(kind);
  }

  inboundPolicies(mesh: string, service: string): PoliciesOf {
    return this.#record(mesh).inboundPolicies(service);
  }

  gatewayPolicies(mesh: string): PoliciesOf {
    return this.#record(mesh).gatewayPolicies();
  }

  destinationTagSets(mesh: string, service: string): readonly Tags[] {
    return this.#record(mesh).destinationTagSets(service);
  }

  isMentioned(mesh: string, mention: string): boolean {
    return this.#record(mesh).isMentioned(mention);
  }

  needsSourceTags(mesh: string): boolean {
    return this.#record(mesh).needsSourceTags;
  }

  service(mesh: string, kind: ServiceKind, name: string): ServiceFacts | undefined {
    return this.#record(mesh).services.get(kind, name);
  }

  servicesHaving(mesh: string, kind: ServiceKind, trait: string): readonly ServiceFacts[] {
    return this.#record(mesh).services.having(kind, trait);
  }

  servicesBehindIngress(): readonly MeshedService[] {
    return this.#meshedServices(({ kind, isLocal }) => kind === "MeshMultiZoneService" || (kind === "MeshService" && isLocal));
  }

  servicesBehindEgress(): readonly MeshedService[] {
    return this.#meshedServices(({ kind, isLocal }) => kind !== "MeshService" || !isLocal);
  }

  isAvailable(mesh: string, name: string): boolean {
    return this.#record(mesh).services.isAvailable(name);
  }

  serviceAddress(mesh: string, kind: ServiceKind, name: string): NamedAddress | undefined {
    return this.#record(mesh).services.address(kind, name);
  }

  serviceAddresses(mesh: string): OutboundList {
    return this.#record(mesh).services.addresses;
  }

  names(mesh: string): OutboundList {
    return this.#record(mesh).names.outbounds;
  }

  namesOf(mesh: string, service: string): OutboundList {
    return this.#record(mesh).names.of(service);
  }

  nameConflicts(mesh: string): readonly PolicyNote[] {
    return this.#record(mesh).names.conflicts;
  }

  membersOf(mesh: string, service: ServiceFacts): readonly LocalEndpoint[] {
    const sole = soleServiceOf(selectorOf(service));
    return sole === undefined ? this.#record(mesh).members.of(service.name) : this.localEndpoints(mesh, sole);
  }

  ingressesOf(zone: string): readonly IngressAddress[] {
    return this.#ingresses.of(zone);
  }

  #put(resource: Resource, touched: Set<string>): void {
    const { kind, mesh, name } = resource;
    if (kind === "Mesh") this.#setMesh(name, meshFacts(resource as Resource<MeshSpec>), touched);
    else if (kind === "Dataplane") {
      this.#setDataplane(mesh, name, this.#dataplanes.facts(resource as Resource<DataplaneSpec>), touched);
    } else if (kind === "ZoneEgress") {
      this.#egresses.set(name, zoneEgressFacts(resource as Resource<ZoneEgressSpec>, this.zone), touched);
    } else if (kind === "ZoneIngress") {
      this.#setIngress(name, zoneIngressFacts(resource as Resource<ZoneIngressSpec>, this.zone), touched);
    } else {
      if (kind === "ExternalService") {
        this.#setExternal(mesh, name, externalEndpoint(resource as Resource<ExternalServiceSpec>), touched);
      }
      this.#record(mesh).put(resource, touched);
    }
  }

  #delete(key: ResourceKey, touched: Set<string>): void {
    const { kind, mesh, name } = key;
    if (kind === "Mesh") this.#setMesh(name, undefined, touched);
    else if (kind === "Dataplane") this.#setDataplane(mesh, name, undefined, touched);
    else if (kind === "ZoneEgress") this.#egresses.set(name, undefined, touched);
    else if (kind === "ZoneIngress") this.#setIngress(name, undefined, touched);
    else {
      if (kind === "ExternalService") this.#setExternal(mesh, name, undefined, touched);
      this.#record(mesh).delete(kind, keyText(key), touched);
    }
  }

  #setMesh(name: string, facts: MeshFacts | undefined, touched: Set<string>): void {
    if (sameMeshFacts(this.#meshes.get(name), facts)) return;
    if (facts) this.#meshes.set(name, facts);
    else this.#meshes.delete(name);
    touched.add(viewKeys.mesh(name));
  }

  #setDataplane(mesh: string, name: string, facts: DataplaneFacts | undefined, touched: Set<string>): void {
    const old = this.#dataplanes.set(mesh, name, facts);
    if (!old && !facts) return;
    touched.add(viewKeys.dataplane(mesh, name));
    this.#record(mesh).members.setDataplane(name, facts, touched);
    for (const service of new Set([...(old?.endpoints.keys() ?? []), ...(facts?.endpoints.keys() ?? [])])) {
      const change = this.#services.setLocal(serviceKey(mesh, service), name, facts?.endpoints.get(service));
      if (change.endpoints) touched.add(viewKeys.localEndpoints(mesh, service));
      if (change.protocol) touched.add(viewKeys.protocol(mesh, service));
      if (change.presence) touched.add(viewKeys.localServices);
    }
  }

  #setIngress(name: string, facts: ZoneIngressFacts | undefined, touched: Set<string>): void {
    const old = this.#ingresses.set(name, facts, touched);
    for (const key of new Set([...(old?.offers.keys() ?? []), ...(facts?.offers.keys() ?? [])])) {
      const { mesh, service } = parseServiceKey(key);
      const change = this.#services.setRemote(key, name, facts?.offers.get(key));
      if (change.endpoints) touched.add(viewKeys.remoteOffers(mesh, service));
      if (change.protocol) touched.add(viewKeys.protocol(mesh, service));
      if (change.presence) touched.add(viewKeys.remoteServices);
    }
  }

  #setExternal(mesh: string, name: string, endpoint: ExternalEndpoint | undefined, touched: Set<string>): void {
    for (const service of this.#externals.set(mesh, name, endpoint, touched)) {
      const now = endpoint?.tags[tagNames.service] === service ? [endpoint] : undefined;
      const change = this.#services.setExternal(serviceKey(mesh, service), name, now);
      if (change.endpoints) touched.add(viewKeys.externalEndpoints(mesh, service));
      if (change.protocol) touched.add(viewKeys.protocol(mesh, service));
      if (change.presence) touched.add(viewKeys.outsideServices);
    }
  }

  /** Sorted by mesh, then by kind as `serviceKinds`, then by name. */
  #meshedServices(isMeant: (service: ServiceFacts) => boolean): readonly MeshedService[] {
    const meshes = [...this.#records].sort(([a], [b]) => compareText(a, b));
    return meshes.flatMap(([mesh, { services }]) =>
      serviceKinds.flatMap((kind) => services.ofKind(kind).filter(isMeant)).map((service) => ({ mesh, service })),
    );
  }

  #record(mesh: string): MeshRecord {
    const record = this.#records.get(mesh) ?? new MeshRecord(mesh, this.zone);
    this.#records.set(mesh, record);
    return record;
  }
}
