import type { Resource } from "@meridian/model";
import type { BackendRef } from "./fragments/backend-ref.ts";
import type { Placed } from "./placed-ref.ts";
import type { InboundSubject, OutboundSubject, Protocol, ProxySubject, RouteDestination } from "./types.ts";

/** What `planOutbound` decides from. Lists may come in any order; equal content gives an equal plan. */
export interface OutboundPlanInput {
  readonly subject: ProxySubject;
  readonly outbound: OutboundSubject;
  /** Policies of a kind that may concern this outbound (see `outboundPolicyReach`); others do no harm. */
  readonly policiesOf: (kind: string) => readonly Resource[];
  /** Whether the mesh holds any TrafficRoute at all: then an outbound that none fits is cut. */
  readonly meshHasTrafficRoutes: boolean;
  /** The port of a real service that a route means; undefined: there is none. */
  readonly backendOf: (ref: Placed<BackendRef>) => FoundBackend | undefined;
}

export interface FoundBackend extends RouteDestination {
  readonly protocol: Protocol;
}

/** What `planPermission` decides from. Lists may come in any order and may leave out policies that cannot reach the inbound. */
export interface PermissionPlanInput {
  readonly subject: ProxySubject;
  readonly inbound: InboundSubject;
  readonly trafficPermissions: readonly Resource[];
  readonly meshTrafficPermissions: readonly Resource[];
  readonly mesh: string;
  /** Clients are known by ids of MeshIdentities, which say nothing of tags: only `rules` can speak of them. Default false. */
  readonly knowsIdsOnly?: boolean;
  /**
   * What ids of the mesh's own proxies start with, where proxies of others are believed, too; at least one. Whoever is spoken of by
   * tags, or is anybody, is then one of the mesh. Absent: nobody else is believed.
   */
  readonly memberPrefixes?: readonly string[];
}

/** Which services a policy can concern; never too few. Values of `kuma.io/service`, sorted. */
export interface PolicyReach {
  readonly services: readonly string[] | "any";
}
