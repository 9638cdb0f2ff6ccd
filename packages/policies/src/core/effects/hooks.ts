import type { Cluster, FilterChain, Listener, Route, RouteConfiguration, TypeUrl } from "@meridian/envoy";
import type { PolicyNote } from "../policy-note.ts";
import type {
  Assignment,
  InboundChainTarget,
  InboundDecisionInput,
  InboundTarget,
  ListenerDecisionInput,
  ListenerTarget,
  OutboundDecisionInput,
  OutboundTarget,
  ProxyDecisionInput,
  ProxyTarget,
} from "./targets.ts";

/** What one policy kind wants of one target. Plain JSON: equal decisions share equal Envoy resources. */
export interface Decision<Conf> {
  readonly conf: Conf;
  /** For requests that a route of this MeshHTTPRoute (`keyText`) takes, where policies want something else for them. */
  readonly byRoute?: Readonly<Record<string, Conf>>;
  /** `keyText` of the policies that decided, sorted. Empty for what holds without any policy. */
  readonly origins: readonly string[];
  /** What a policy asks for that this target cannot have: shown in the policy's status, and nothing else changes. */
  readonly notes?: readonly PolicyNote[];
}

/*
 * The hooks of a kind, called in the order of the kinds with what the kinds before made. Each is a pure function of its arguments:
 * whatever it needs of the proxy, of the mesh or of other resources must be in the conf, since resources are shared between proxies
 * whose confs are equal. Methods, so that kinds with different confs make one list.
 */

/** For traffic from the proxy to one destination. */
export interface OutboundHooks<Conf> {
  /** Undefined: no policy of the kind has a say. */
  decide(input: OutboundDecisionInput): Decision<Conf> | undefined;
  cluster?(cluster: Cluster, conf: Conf, target: OutboundTarget): Cluster;
  removesCluster?(name: string, conf: Conf, target: OutboundTarget): boolean;
  endpoints?(assignment: Assignment, conf: Conf, target: OutboundTarget): Assignment;
  /** One route; `conf` is the route's own where the decision has one for it. */
  route?(route: Route, conf: Conf, target: OutboundTarget): Route;
  routeConfiguration?(configuration: RouteConfiguration, conf: Conf, target: OutboundTarget): RouteConfiguration;
  /** The only filter chain of the listener. `confs.byRoute` where the filters must serve several routes. */
  chain?(chain: FilterChain, conf: Conf, target: OutboundTarget, byRoute: Readonly<Record<string, Conf>>): FilterChain;
  listener?(listener: Listener, conf: Conf, target: OutboundTarget): Listener;
  removesListener?(name: string, conf: Conf, target: OutboundTarget): boolean;
  /** Clusters that the filters need. Equal names must mean equal clusters. */
  extraClusters?(conf: Conf, target: OutboundTarget, byRoute: Readonly<Record<string, Conf>>): readonly Cluster[];
}

/** How an inbound treats connections, before its filter chains are made. */
export interface InboundSecurity {
  readonly mode: "STRICT" | "PERMISSIVE";
  /** Envoy `TlsParameters` in proto JSON. */
  readonly tlsParams?: Readonly<Record<string, unknown>>;
}

/** For traffic to one inbound of the proxy. */
export interface InboundHooks<Conf> {
  decide(input: InboundDecisionInput): Decision<Conf> | undefined;
  /** Only where the mesh has mTLS. */
  security?(security: InboundSecurity, conf: Conf, target: InboundTarget): InboundSecurity;
  /** The cluster in front of the workload. */
  cluster?(cluster: Cluster, conf: Conf, target: InboundTarget): Cluster;
  removesCluster?(name: string, conf: Conf, target: InboundTarget): boolean;
  /** All routes of an HTTP inbound, in order. */
  routes?(routes: readonly Route[], conf: Conf, target: InboundTarget): readonly Route[];
  /** One filter chain; PERMISSIVE inbounds have several. */
  chain?(chain: FilterChain, conf: Conf, target: InboundChainTarget): FilterChain;
  listener?(listener: Listener, conf: Conf, target: InboundTarget): Listener;
  removesListener?(name: string, conf: Conf, target: InboundTarget): boolean;
  extraClusters?(conf: Conf, target: InboundTarget): readonly Cluster[];
}

/**
 * For the listeners of a builtin gateway. What a kind says of the destinations behind them, and of routes that lead there, `OutboundHooks`
 * do: `cluster`, `endpoints`, `route`.
 */
export interface GatewayHooks<Conf> {
  /** For one listener; its HTTP listeners at one port share a filter chain, which is that of the first. */
  decide(input: ListenerDecisionInput): Decision<Conf> | undefined;
  /** One route, after what its destinations have made of it. As in `OutboundHooks`. */
  route?(route: Route, conf: Conf, target: ListenerTarget): Route;
  chain?(chain: FilterChain, conf: Conf, target: ListenerTarget, byRoute: Readonly<Record<string, Conf>>): FilterChain;
  listener?(listener: Listener, conf: Conf, target: ListenerTarget): Listener;
  removesListener?(name: string, conf: Conf, target: ListenerTarget): boolean;
  extraClusters?(conf: Conf, target: ListenerTarget, byRoute: Readonly<Record<string, Conf>>): readonly Cluster[];
}

/** A resource of the proxy alone. */
export interface OwnResource {
  readonly typeUrl: TypeUrl;
  /** What made it, in the words of MeshProxyPatch's `origin`: `transparent`, `prometheus` … */
  readonly origin: string;
  readonly json: { readonly name: string } & Readonly<Record<string, unknown>>;
}

/** For the proxy as a whole. */
export interface ProxyHooks<Conf> {
  /** Has nothing to add where the proxy has nothing of its own yet: then it is not asked at all. */
  readonly editsOnly?: true;
  decide(input: ProxyDecisionInput): Decision<Conf> | undefined;
  /** Listeners and clusters of its own, beside inbounds and outbounds; sees what kinds before it made, returns all. */
  resources?(resources: readonly OwnResource[], conf: Conf, target: ProxyTarget): readonly OwnResource[];
}
