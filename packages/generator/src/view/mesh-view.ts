import type { Resource, Tags } from "@meridian/model";
import type { Protocol } from "@meridian/policies";
import type { DataplaneFacts, LocalEndpoint } from "./dataplane-facts.ts";
import type { ExternalEndpoint } from "./external-service-facts.ts";
import type { MeshFacts } from "./mesh-facts.ts";
import type { RemoteOffer, ZoneIngressFacts } from "./zone-ingress-facts.ts";

/** Policies that may concern one target, by kind; none of a kind: an empty list. */
export type PoliciesOf = (kind: string) => readonly Resource[];

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
  dataplane(mesh: string, name: string): DataplaneFacts | undefined;
  zoneIngress(name: string): ZoneIngressFacts | undefined;
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
  outboundPolicies(mesh: string, service: string): PoliciesOf;
  hasTrafficRoutes(mesh: string): boolean;
  inboundPolicies(mesh: string, service: string): PoliciesOf;
  /** Policies of a kind that act on proxies as a whole, and resources of kinds that policies refer to; of the mesh, sorted. */
  resources(mesh: string, kind: string): readonly Resource[];
  /** Each contains `kuma.io/service` and at least one more tag. */
  destinationTagSets(mesh: string, service: string): readonly Tags[];
  /** Whether an outbound policy of the mesh looks at this trait of its clients (see mention-index.ts). */
  isMentioned(mesh: string, mention: string): boolean;
  needsSourceTags(mesh: string): boolean;
}
