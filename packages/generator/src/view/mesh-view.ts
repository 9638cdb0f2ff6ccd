import type { Resource, Tags } from "@meridian/model";
import type { PolicyNote, Protocol } from "@meridian/policies";
import type { MeshIdentity, ServiceKind } from "@meridian/services";
import type { DataplaneFacts } from "./dataplane-facts.ts";
import type { ExternalEndpoint } from "./external-service-facts.ts";
import type { TrustFacts, WaitingIdentity } from "./identity-index.ts";
import type { LocalEndpoint } from "./local-endpoint.ts";
import type { MeshFacts } from "./mesh-facts.ts";
import type { OutboundList } from "./outbound-list.ts";
import type { NamedAddress, ServiceFacts } from "./service-facts.ts";
import type { ZoneEgressFacts } from "./zone-egress-facts.ts";
import type { IngressAddress, RemoteOffer, ZoneIngressFacts } from "./zone-ingress-facts.ts";

/** Policies that may concern one target, by kind; none of a kind: an empty list. */
export type PoliciesOf = (kind: string) => readonly Resource[];

/** A service of one of the meshes. */
export interface MeshedService {
  readonly mesh: string;
  readonly service: ServiceFacts;
}

/** A service known by its tag, of one of the meshes. */
export interface LocalService {
  readonly mesh: string;
  readonly service: string;
}

/**
 * What the generator may know of the world: facts, read one by one, so that each read can be recorded. Answers are immutable,
 * sorted, and depend only on which resources are in the view, never on the order in which they came.
 */
export interface MeshView {
  readonly zone: string;
  mesh(mesh: string): MeshFacts | undefined;
  /** MeshIdentities that proxies may show; sorted by key. */
  identities(mesh: string): readonly MeshIdentity[];
  /** Those that they may not show yet; sorted by key. */
  waitingIdentities(mesh: string): readonly WaitingIdentity[];
  trust(mesh: string): TrustFacts;
  dataplane(mesh: string, name: string): DataplaneFacts | undefined;
  zoneIngress(name: string): ZoneIngressFacts | undefined;
  /** Of this zone. */
  zoneEgress(name: string): ZoneEgressFacts | undefined;
  /** Where the egresses of this zone are reached, each address once; sorted. */
  zoneEgresses(): readonly IngressAddress[];
  /** Healthy ones only. */
  localEndpoints(mesh: string, service: string): readonly LocalEndpoint[];
  remoteOffers(mesh: string, service: string): readonly RemoteOffer[];
  remoteIngressCount(): number;
  /** The ExternalServices with this service, sorted by name. Where there are any, the service is outside of the mesh. */
  externalEndpoints(mesh: string, service: string): readonly ExternalEndpoint[];
  hasExternalServices(mesh: string): boolean;
  /** Undefined: nothing is known of the service, in any zone. */
  protocol(mesh: string, service: string): Protocol | undefined;
  localServices(): readonly LocalService[];
  /** Services that ingresses of other zones offer, of all meshes; sorted. */
  remoteServices(): readonly LocalService[];
  /** Services with an ExternalService, of all meshes; sorted. */
  outsideServices(): readonly LocalService[];
  /** @param names of the destination: its `kuma.io/service`, or the names of a real service. */
  outboundPolicies(mesh: string, ...names: readonly string[]): PoliciesOf;
  hasTrafficRoutes(mesh: string): boolean;
  inboundPolicies(mesh: string, service: string): PoliciesOf;
  /** Those whose target is a MeshGateway: no other proxy is concerned. */
  gatewayPolicies(mesh: string): PoliciesOf;
  /** Policies of a kind that act on proxies as a whole, and resources of kinds that policies refer to; of the mesh, sorted. */
  resources(mesh: string, kind: string): readonly Resource[];
  /** Each contains `kuma.io/service` and at least one more tag. */
  destinationTagSets(mesh: string, service: string): readonly Tags[];
  /** Whether an outbound policy of the mesh looks at this trait of its clients (see mention-index.ts). */
  isMentioned(mesh: string, mention: string): boolean;
  needsSourceTags(mesh: string): boolean;
  /** @param name as the store has it. */
  service(mesh: string, kind: ServiceKind, name: string): ServiceFacts | undefined;
  /** Sorted by name. @param trait see service-facts.ts. */
  servicesHaving(mesh: string, kind: ServiceKind, trait: string): readonly ServiceFacts[];
  /** What the ingress of this zone serves by names of their own: MeshServices of this zone, and what joins several. Sorted. */
  servicesBehindIngress(): readonly MeshedService[];
  /** What the egress of this zone may serve by names of their own: MeshExternalServices, and what is in other zones. Sorted. */
  servicesBehindEgress(): readonly MeshedService[];
  /** Whether a MeshService says that one of its proxies is healthy. */
  isAvailable(mesh: string, name: string): boolean;
  /** The address of a service and its host names; undefined until it was given one. */
  serviceAddress(mesh: string, kind: ServiceKind, name: string): NamedAddress | undefined;
  /** An outbound for each port of each service of the mesh that has an address. */
  serviceAddresses(mesh: string): OutboundList;
  /** An outbound for each port of each host name by tags: `<service>.mesh`, those of ExternalServices and VirtualOutbounds. */
  names(mesh: string): OutboundList;
  /** Those that lead to one service. */
  namesOf(mesh: string, service: string): OutboundList;
  /** What VirtualOutbounds ask for in vain; sorted by host. */
  nameConflicts(mesh: string): readonly PolicyNote[];
  /** Healthy endpoints in this zone behind a MeshService, whatever their port; sorted. */
  membersOf(mesh: string, service: ServiceFacts): readonly LocalEndpoint[];
  /** Where the ingresses of another zone are reached, each address once; sorted. */
  ingressesOf(zone: string): readonly IngressAddress[];
}
