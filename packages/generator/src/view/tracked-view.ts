import type { Resource, Tags } from "@meridian/model";
import type { PolicyNote, Protocol } from "@meridian/policies";
import { type MeshIdentity, type ServiceKind, soleServiceOf } from "@meridian/services";
import type { DataplaneFacts } from "./dataplane-facts.ts";
import type { ExternalEndpoint } from "./external-service-facts.ts";
import type { TrustFacts, WaitingIdentity } from "./identity-index.ts";
import { viewKeys } from "./keys.ts";
import type { LocalEndpoint } from "./local-endpoint.ts";
import type { MeshFacts } from "./mesh-facts.ts";
import type { LocalService, MeshedService, MeshView, PoliciesOf } from "./mesh-view.ts";
import type { OutboundList } from "./outbound-list.ts";
import { type NamedAddress, type ServiceFacts, selectorOf } from "./service-facts.ts";
import type { ZoneEgressFacts } from "./zone-egress-facts.ts";
import type { IngressAddress, RemoteOffer, ZoneIngressFacts } from "./zone-ingress-facts.ts";

/** Passes every read on and notes its key: what was read is exactly what the result depends on. */
export class TrackedView implements MeshView {
  readonly #view: MeshView;
  readonly keys = new Set<string>();

  constructor(view: MeshView) {
    this.#view = view;
  }

  get zone(): string {
    return this.#view.zone;
  }

  mesh(mesh: string): MeshFacts | undefined {
    this.keys.add(viewKeys.mesh(mesh));
    return this.#view.mesh(mesh);
  }

  identities(mesh: string): readonly MeshIdentity[] {
    this.keys.add(viewKeys.identities(mesh));
    return this.#view.identities(mesh);
  }

  waitingIdentities(mesh: string): readonly WaitingIdentity[] {
    this.keys.add(viewKeys.identities(mesh));
    return this.#view.waitingIdentities(mesh);
  }

  trust(mesh: string): TrustFacts {
    this.keys.add(viewKeys.trust(mesh));
    return this.#view.trust(mesh);
  }

  dataplane(mesh: string, name: string): DataplaneFacts | undefined {
    this.keys.add(viewKeys.dataplane(mesh, name));
    return this.#view.dataplane(mesh, name);
  }

  zoneIngress(name: string): ZoneIngressFacts | undefined {
    this.keys.add(viewKeys.zoneIngress(name));
    return this.#view.zoneIngress(name);
  }

  zoneEgress(name: string): ZoneEgressFacts | undefined {
    this.keys.add(viewKeys.zoneEgress(name));
    return this.#view.zoneEgress(name);
  }

  zoneEgresses(): readonly IngressAddress[] {
    this.keys.add(viewKeys.zoneEgresses);
    return this.#view.zoneEgresses();
  }

  localEndpoints(mesh: string, service: string): readonly LocalEndpoint[] {
    this.keys.add(viewKeys.localEndpoints(mesh, service));
    return this.#view.localEndpoints(mesh, service);
  }

  remoteOffers(mesh: string, service: string): readonly RemoteOffer[] {
    this.keys.add(viewKeys.remoteOffers(mesh, service));
    return this.#view.remoteOffers(mesh, service);
  }

  remoteIngressCount(): number {
    this.keys.add(viewKeys.remoteIngresses);
    return this.#view.remoteIngressCount();
  }

  externalEndpoints(mesh: string, service: string): readonly ExternalEndpoint[] {
    this.keys.add(viewKeys.externalEndpoints(mesh, service));
    return this.#view.externalEndpoints(mesh, service);
  }

  hasExternalServices(mesh: string): boolean {
    this.keys.add(viewKeys.externalServices(mesh));
    return this.#view.hasExternalServices(mesh);
  }

  protocol(mesh: string, service: string): Protocol | undefined {
    this.keys.add(viewKeys.protocol(mesh, service));
    return this.#view.protocol(mesh, service);
  }

  localServices(): readonly LocalService[] {
    this.keys.add(viewKeys.localServices);
    return this.#view.localServices();
  }

  remoteServices(): readonly LocalService[] {
    this.keys.add(viewKeys.remoteServices);
    return this.#view.remoteServices();
  }

  outsideServices(): readonly LocalService[] {
    this.keys.add(viewKeys.outsideServices);
    return this.#view.outsideServices();
  }

  outboundPolicies(mesh: string, ...names: readonly string[]): PoliciesOf {
    this.keys.add(viewKeys.anyOutboundPolicies(mesh));
    for (const name of names) this.keys.add(viewKeys.outboundPolicies(mesh, name));
    return this.#view.outboundPolicies(mesh, ...names);
  }

  inboundPolicies(mesh: string, service: string): PoliciesOf {
    this.keys.add(viewKeys.anyInboundPolicies(mesh)).add(viewKeys.inboundPolicies(mesh, service));
    return this.#view.inboundPolicies(mesh, service);
  }

  gatewayPolicies(mesh: string): PoliciesOf {
    this.keys.add(viewKeys.gatewayPolicies(mesh));
    return this.#view.gatewayPolicies(mesh);
  }

  hasTrafficRoutes(mesh: string): boolean {
    this.keys.add(viewKeys.anyOutboundPolicies(mesh));
    return this.#view.hasTrafficRoutes(mesh);
  }

  resources(mesh: string, kind: string): readonly Resource[] {
    this.keys.add(viewKeys.resources(mesh, kind));
    return this.#view.resources(mesh, kind);
  }

  destinationTagSets(mesh: string, service: string): readonly Tags[] {
    this.keys.add(viewKeys.anyDestinationTagSets(mesh)).add(viewKeys.destinationTagSets(mesh, service));
    return this.#view.destinationTagSets(mesh, service);
  }

  isMentioned(mesh: string, mention: string): boolean {
    this.keys.add(viewKeys.mention(mesh, mention));
    return this.#view.isMentioned(mesh, mention);
  }

  needsSourceTags(mesh: string): boolean {
    this.keys.add(viewKeys.sourceTags(mesh));
    return this.#view.needsSourceTags(mesh);
  }

  service(mesh: string, kind: ServiceKind, name: string): ServiceFacts | undefined {
    this.keys.add(viewKeys.service(mesh, kind, name));
    return this.#view.service(mesh, kind, name);
  }

  servicesHaving(mesh: string, kind: ServiceKind, trait: string): readonly ServiceFacts[] {
    this.keys.add(viewKeys.serviceTrait(mesh, kind, trait));
    return this.#view.servicesHaving(mesh, kind, trait);
  }

  servicesBehindIngress(): readonly MeshedService[] {
    this.keys.add(viewKeys.servicesBehindIngress);
    return this.#view.servicesBehindIngress();
  }

  servicesBehindEgress(): readonly MeshedService[] {
    this.keys.add(viewKeys.servicesBehindEgress);
    return this.#view.servicesBehindEgress();
  }

  isAvailable(mesh: string, name: string): boolean {
    this.keys.add(viewKeys.serviceState(mesh, name));
    return this.#view.isAvailable(mesh, name);
  }

  serviceAddress(mesh: string, kind: ServiceKind, name: string): NamedAddress | undefined {
    this.keys.add(viewKeys.serviceAddress(mesh, kind, name));
    return this.#view.serviceAddress(mesh, kind, name);
  }

  serviceAddresses(mesh: string): OutboundList {
    this.keys.add(viewKeys.serviceAddresses(mesh));
    return this.#view.serviceAddresses(mesh);
  }

  names(mesh: string): OutboundList {
    this.keys.add(viewKeys.names(mesh));
    return this.#view.names(mesh);
  }

  namesOf(mesh: string, service: string): OutboundList {
    this.keys.add(viewKeys.namesOf(mesh, service));
    return this.#view.namesOf(mesh, service);
  }

  nameConflicts(mesh: string): readonly PolicyNote[] {
    this.keys.add(viewKeys.nameConflicts(mesh));
    return this.#view.nameConflicts(mesh);
  }

  membersOf(mesh: string, service: ServiceFacts): readonly LocalEndpoint[] {
    const sole = soleServiceOf(selectorOf(service));
    this.keys.add(sole === undefined ? viewKeys.serviceMembers(mesh, service.name) : viewKeys.localEndpoints(mesh, sole));
    return this.#view.membersOf(mesh, service);
  }

  ingressesOf(zone: string): readonly IngressAddress[] {
    this.keys.add(viewKeys.ingressesOf(zone));
    return this.#view.ingressesOf(zone);
  }
}
