import type { Resource, Tags } from "@meridian/model";
import type { PolicyNote, Protocol } from "@meridian/policies";
import { type MeshIdentity, type ServiceKind, serviceKinds, soleServiceOf } from "@meridian/services";
import type { ViewChange } from "../types.ts";
import type { DataplaneFacts } from "./dataplane-facts.ts";
import type { ExternalEndpoint } from "./external-service-facts.ts";
import type { TrustFacts, WaitingIdentity } from "./identity-index.ts";
import type { LocalEndpoint } from "./local-endpoint.ts";
import type { MeshFacts } from "./mesh-facts.ts";
import type { LocalService, MeshedService, MeshView, PoliciesOf } from "./mesh-view.ts";
import type { OutboundList } from "./outbound-list.ts";
import { type NamedAddress, type ServiceFacts, selectorOf } from "./service-facts.ts";
import type { ZoneEgressFacts } from "./zone-egress-facts.ts";
import {
  type IngressAddress,
  parseServiceKey,
  type RemoteOffer,
  serviceKey,
  type ZoneIngressFacts,
} from "./zone-ingress-facts.ts";
import { ZoneState } from "./zone-state.ts";

type Attempt = (change: ViewChange, run: () => void) => void;

/** The zone's view, indexed and kept up to date change by change. A change costs what it touches, whatever else is there. */
export class ZoneView implements MeshView {
  readonly zone: string;
  readonly #state: ZoneState;

  constructor(zone: string) {
    this.zone = zone;
    this.#state = new ZoneState(zone);
  }

  /**
   * Returns the keys (see viewKeys) of the facts that may differ now.
   * @param attempt runs the work of one change; what to do when it throws is up to the caller. The view then keeps what it had.
   */
  apply(changes: readonly ViewChange[], attempt: Attempt = (_change, run) => run()): ReadonlySet<string> {
    const touched = new Set<string>();
    for (const change of changes) {
      attempt(change, () => {
        if (change.op === "put") this.#state.put(change.resource, touched);
        else this.#state.delete(change.key, touched);
      });
    }
    return touched;
  }

  mesh(mesh: string): MeshFacts | undefined {
    return this.#state.mesh(mesh);
  }

  identities(mesh: string): readonly MeshIdentity[] {
    return this.#state.record(mesh).identities.ready;
  }

  waitingIdentities(mesh: string): readonly WaitingIdentity[] {
    return this.#state.record(mesh).identities.waiting;
  }

  trust(mesh: string): TrustFacts {
    return this.#state.record(mesh).identities.trust;
  }

  dataplane(mesh: string, name: string): DataplaneFacts | undefined {
    return this.#state.dataplanes.get(mesh, name);
  }

  zoneIngress(name: string): ZoneIngressFacts | undefined {
    return this.#state.ingresses.get(name);
  }

  zoneEgress(name: string): ZoneEgressFacts | undefined {
    return this.#state.egresses.get(name);
  }

  zoneEgresses(): readonly IngressAddress[] {
    return this.#state.egresses.addresses;
  }

  localEndpoints(mesh: string, service: string): readonly LocalEndpoint[] {
    return this.#state.services.healthyLocal(serviceKey(mesh, service));
  }

  remoteOffers(mesh: string, service: string): readonly RemoteOffer[] {
    return this.#state.services.remote(serviceKey(mesh, service));
  }

  remoteIngressCount(): number {
    return this.#state.ingresses.remoteCount;
  }

  externalEndpoints(mesh: string, service: string): readonly ExternalEndpoint[] {
    return this.#state.services.external(serviceKey(mesh, service));
  }

  hasExternalServices(mesh: string): boolean {
    return this.#state.externals.has(mesh);
  }

  protocol(mesh: string, service: string): Protocol | undefined {
    return this.#state.services.protocol(serviceKey(mesh, service));
  }

  localServices(): readonly LocalService[] {
    return this.#state.services.present("local").map(parseServiceKey);
  }

  remoteServices(): readonly LocalService[] {
    return this.#state.services.present("remote").map(parseServiceKey);
  }

  outsideServices(): readonly LocalService[] {
    return this.#state.services.present("external").map(parseServiceKey);
  }

  outboundPolicies(mesh: string, ...names: readonly string[]): PoliciesOf {
    return this.#state.record(mesh).outboundPolicies(names);
  }

  hasTrafficRoutes(mesh: string): boolean {
    return this.#state.record(mesh).hasTrafficRoutes;
  }

  resources(mesh: string, kind: string): readonly Resource[] {
    return this.#state.record(mesh).resources(kind);
  }

  inboundPolicies(mesh: string, service: string): PoliciesOf {
    return this.#state.record(mesh).inboundPolicies(service);
  }

  gatewayPolicies(mesh: string): PoliciesOf {
    return this.#state.record(mesh).gatewayPolicies();
  }

  destinationTagSets(mesh: string, service: string): readonly Tags[] {
    return this.#state.record(mesh).destinationTagSets(service);
  }

  isMentioned(mesh: string, mention: string): boolean {
    return this.#state.record(mesh).isMentioned(mention);
  }

  needsSourceTags(mesh: string): boolean {
    return this.#state.record(mesh).needsSourceTags;
  }

  service(mesh: string, kind: ServiceKind, name: string): ServiceFacts | undefined {
    return this.#state.record(mesh).services.get(kind, name);
  }

  servicesHaving(mesh: string, kind: ServiceKind, trait: string): readonly ServiceFacts[] {
    return this.#state.record(mesh).services.having(kind, trait);
  }

  servicesBehindIngress(): readonly MeshedService[] {
    return this.#meshedServices(({ kind, isLocal }) => kind === "MeshMultiZoneService" || (kind === "MeshService" && isLocal));
  }

  servicesBehindEgress(): readonly MeshedService[] {
    return this.#meshedServices(({ kind, isLocal }) => kind !== "MeshService" || !isLocal);
  }

  isAvailable(mesh: string, name: string): boolean {
    return this.#state.record(mesh).services.isAvailable(name);
  }

  serviceAddress(mesh: string, kind: ServiceKind, name: string): NamedAddress | undefined {
    return this.#state.record(mesh).services.address(kind, name);
  }

  serviceAddresses(mesh: string): OutboundList {
    return this.#state.record(mesh).services.addresses;
  }

  names(mesh: string): OutboundList {
    return this.#state.record(mesh).names.outbounds;
  }

  namesOf(mesh: string, service: string): OutboundList {
    return this.#state.record(mesh).names.of(service);
  }

  nameConflicts(mesh: string): readonly PolicyNote[] {
    return this.#state.record(mesh).names.conflicts;
  }

  membersOf(mesh: string, service: ServiceFacts): readonly LocalEndpoint[] {
    const sole = soleServiceOf(selectorOf(service));
    return sole === undefined ? this.#state.record(mesh).members.of(service.name) : this.localEndpoints(mesh, sole);
  }

  ingressesOf(zone: string): readonly IngressAddress[] {
    return this.#state.ingresses.of(zone);
  }

  /** Sorted by mesh, then by kind as `serviceKinds`, then by name. */
  #meshedServices(isMeant: (service: ServiceFacts) => boolean): readonly MeshedService[] {
    return this.#state
      .records()
      .flatMap(([mesh, { services }]) =>
        serviceKinds.flatMap((kind) => services.ofKind(kind).filter(isMeant)).map((service) => ({ mesh, service })),
      );
  }
}
