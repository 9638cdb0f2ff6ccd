import type { Resource, Tags } from "@meridian/model";
import type { PolicyNote } from "./policy-note.ts";

/** A proxy as matching sees it. */
export interface ProxySubject {
  readonly mesh: string;
  /** Name of the Dataplane; "" where only the tag sets matter (a profile that many proxies share). */
  readonly name: string;
  readonly zone: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Tags of each inbound, or of the gateway. Source selectors match any of them. */
  readonly tagSets: readonly Tags[];
  /** Only for meshes with a policy that needs it (`ClientTrait` "self"): otherwise proxies share what they can. */
  readonly self?: ProxySelf;
  /** The MeshGateway that a builtin gateway runs; the tag sets are then those of its listeners. */
  readonly gateway?: Resource;
}

/** What a proxy says of itself, beside its resource. */
export interface ProxySelf {
  readonly name: string;
  readonly address: string;
  readonly features: readonly string[];
  readonly ipv6Enabled: boolean;
  /** Where its sidecar keeps sockets for Envoy. */
  readonly workdir?: string;
  /** Files on its host with a certificate for the listener of its metrics. */
  readonly metricsTls?: { readonly certPath: string; readonly keyPath: string };
}

/** One inbound as matching sees it. */
export interface InboundSubject {
  /** Its `name`, else its port as text: what `sectionName` names. */
  readonly section: string;
  readonly tags: Tags;
  readonly protocol: Protocol;
  readonly port: number;
}

/** Where an outbound listener leads. */
export interface OutboundSubject {
  /** All tags of the outbound; `kuma.io/service` names the destination. */
  readonly tags: Tags;
  readonly service: string;
  readonly protocol: Protocol;
  /** The real resource that the outbound leads to (MeshService …); absent for destinations known by tag. */
  readonly resource?: Resource;
  /** Its port as routes name it; there exactly where `resource` is. */
  readonly backend?: ServicePortKey;
  /** Its port: the name that `sectionName` means. */
  readonly port?: string;
}

export type Protocol = "http" | "http2" | "grpc" | "kafka" | "tcp" | "unknown";

/** One port of a MeshService, MeshExternalService or MeshMultiZoneService. */
export interface ServicePortKey {
  readonly kind: string;
  /** As the store has it. */
  readonly name: string;
  readonly port: number;
}

/** Where traffic goes. */
export interface RouteDestination {
  /** Contains `kuma.io/service`. */
  readonly tags: Tags;
  /** The real service that it is; its only tag is then `kuma.io/service`, with the name of its cluster for a value. */
  readonly backend?: ServicePortKey;
}

/** One weighted destination of a route. Weight 0 never appears. */
export interface WeightedDestination extends RouteDestination {
  readonly weight: number;
}

/** One Envoy route before its clusters are named. */
export interface RouteEntry {
  /** Envoy `Route` in proto JSON (camelCase) without the cluster: match, `route` options (prefixRewrite, timeout…), header ops. */
  readonly route: Readonly<Record<string, unknown>>;
  /** Empty when the route answers by itself (`redirect`). */
  readonly destinations: readonly WeightedDestination[];
  /** MeshHTTPRoutes (`keyText`) that the route comes from, strongest last: policies can have them as target. */
  readonly policies?: readonly string[];
  /** Destinations that get a copy of each request: one `requestMirrorPolicies` entry each. */
  readonly mirrors?: readonly MirrorDestination[];
}

/** Where copies of requests go. */
export interface MirrorDestination extends RouteDestination {
  /** Envoy `RuntimeFractionalPercent` in proto JSON; absent: all requests. */
  readonly runtimeFraction?: Readonly<Record<string, unknown>>;
}

/** What routes decide for one outbound. For TCP only the last entry counts: it matches everything. */
export interface RoutePlan {
  /** In matching order. */
  readonly entries: readonly RouteEntry[];
  /**
   * Destinations that the policy names with weight 0. They get no traffic, but their clusters are kept ready: shifting a canary is
   * then one change of routes, and its first request meets a cluster that is warm.
   */
  readonly idle?: readonly RouteDestination[];
  /** How connections are treated whatever their destinations speak; absent: as the destinations have in common. */
  readonly protocol?: Protocol;
  /** Fields to lay over each Envoy `Cluster` of the plan (proto JSON): `lbPolicy`, `ringHashLbConfig`… */
  readonly cluster: Readonly<Record<string, unknown>>;
  /** `keyText` of the policies that decided, sorted. */
  readonly origins: readonly string[];
  /** What routes ask for in vain: backends that are missing. */
  readonly notes?: readonly PolicyNote[];
}

/** Envoy RBAC of one inbound's mTLS filter chain. */
export interface PermissionPlan {
  /** `http`: RBAC as HTTP filter where the chain has an HCM (MeshTrafficPermission). `network`: always a network filter. */
  readonly placement: "http" | "network";
  /** Envoy RBAC in proto JSON without `statPrefix`: `{ rules }`, or `{ rules, shadowRules }`, or `{ matcher }`. */
  readonly rbac: Readonly<Record<string, unknown>>;
  /** The rules look at the server name: the listener needs a TLS inspector. */
  readonly needsTlsInspector?: boolean;
  readonly origins: readonly string[];
}

export type AnyPolicy = Resource<Readonly<Record<string, unknown>>>;
