import type { DownstreamTlsOptions, Endpoint } from "@meridian/envoy";
import type { MeshSpec, Resource, Tags } from "@meridian/model";
import type { InboundSubject, OutboundSubject, Protocol, ProxySelf, ProxySubject } from "../types.ts";

/** What a conf may refer to beside its own policy. Reads are noted: what was looked at is what the result depends on. */
export interface World {
  /** Name of the mesh. */
  readonly name: string;
  /** The zone whose proxies are served. */
  readonly zone: string;
  /** Backends for logs, traces and metrics, routing, mTLS: what the Mesh resource says. */
  readonly mesh: MeshSpec;
  /** Resources of the mesh of a kind that policies refer to (`referencedKinds`), sorted by name. */
  readonly list: (kind: string) => readonly Resource[];
}

/** What every kind decides from. `policies` are those of its own kind that may concern the target; others do no harm. */
interface DecisionInput {
  readonly subject: ProxySubject;
  readonly policies: readonly Resource[];
  readonly world: World;
}

export interface OutboundDecisionInput extends DecisionInput {
  readonly outbound: OutboundSubject;
  /** MeshHTTPRoutes (`keyText`) that routes of this outbound come from: policies can name them as target. */
  readonly routes: readonly string[];
}

export interface InboundDecisionInput extends DecisionInput {
  readonly inbound: InboundSubject;
}

/** A listener of a builtin gateway is for policies what an inbound is, and what an outbound to anywhere is. */
export interface ListenerDecisionInput extends InboundDecisionInput, OutboundDecisionInput {}

export interface ProxyDecisionInput extends DecisionInput {
  readonly proxy: ProxySelf;
  /** Where its inbounds and outbounds listen, at its own address; absent: nowhere. */
  readonly takenPorts?: readonly number[];
  /** How a listener of the proxy's own knows clients of the mesh; absent: the proxy has no identity to show them. */
  readonly tls?: DownstreamTlsOptions;
}

/** Where a hook writes: a destination of the proxy. */
export interface OutboundTarget {
  readonly mesh: string;
  readonly zone: string;
  /** `kuma.io/service` of the destination, or the name of a real service as its user called it. */
  readonly service: string;
  /** Of a real service: `kuma.io/service` with the name of its cluster. */
  readonly tags: Tags;
  readonly protocol: Protocol;
}

/** Where a hook writes: one inbound of the proxy. */
export interface InboundTarget {
  readonly mesh: string;
  readonly zone: string;
  /** "" when the inbound has no service. */
  readonly service: string;
  readonly tags: Tags;
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
}

/** Where a hook writes: a listener of a builtin gateway. */
export interface ListenerTarget {
  readonly mesh: string;
  readonly zone: string;
  /** `kuma.io/service` of the gateway. */
  readonly service: string;
  readonly tags: Tags;
  /** Name of the Envoy listener. */
  readonly name: string;
  readonly port: number;
}

/** A filter chain of an inbound: `secured` ones know who the client is. */
export interface InboundChainTarget extends InboundTarget {
  readonly secured: boolean;
}

export interface ProxyTarget {
  readonly mesh: string;
  readonly zone: string;
  readonly proxy: ProxySelf;
  readonly tagSets: readonly Tags[];
}

/** The endpoints of one cluster before they are encoded. */
export interface Assignment {
  readonly endpoints: readonly Endpoint[];
  /** Envoy `ClusterLoadAssignment.policy` in proto JSON. */
  readonly policy?: Readonly<Record<string, unknown>>;
}
