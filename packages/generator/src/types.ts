import type { ProxyPatch, ProxyResources } from "@meridian/envoy";
import type { Resource, ResourceKey, Tags } from "@meridian/model";
import type { MeshView } from "./view/mesh-view.ts";
import type { TransparentProxyFacts } from "./view/transparent-proxy.ts";

/** A change of the zone's view of the world. */
export type ViewChange =
  | { readonly op: "put"; readonly resource: Resource }
  | { readonly op: "delete"; readonly key: ResourceKey };

/** What a proxy says of itself when it connects: the part of its config that no resource holds. */
export interface ProxyDescription {
  /** Envoy node id: `<mesh>.<name>`, `.<name>` for zone proxies. */
  readonly id: string;
  readonly type: "dataplane" | "ingress" | "egress";
  /** "" for zone proxies. */
  readonly mesh: string;
  readonly name: string;
  /** Feature strings of the node metadata (reference: dataplane-protocol.md section 5). */
  readonly features: ReadonlySet<string>;
  /** Envoy admin: a pipe or a loopback port. */
  readonly admin: { readonly address: string; readonly port: number; readonly socketPath?: string };
  readonly readinessPort?: number;
  /** What its host redirects; absent: what its resource says. */
  readonly transparentProxy?: TransparentProxyFacts;
  /** Where its Envoy is to answer DNS; absent: nowhere. */
  readonly dnsPort?: number;
  readonly workdir?: string;
  /** Files on its host with a certificate for the listener of its metrics. */
  readonly metricsTls?: { readonly certPath: string; readonly keyPath: string };
  /** File with the CAs that its host trusts. */
  readonly systemCaPath?: string;
  /** Of the SPIRE agent's socket, as the proxy sees it; absent: at its usual place. */
  readonly spireSocketPath?: string;
  readonly ipv6Enabled?: boolean;
}

/**
 * Which certificate the proxy must hold; the zone issues it and serves it through SDS. Absent: the mesh has no mTLS and no MeshIdentity
 * for the proxy, or a SPIRE agent issues it.
 */
export interface IdentityNeed {
  readonly mesh: string;
  /** Name of the enabled `mtls` backend; of a MeshIdentity its KRI, which is also the SDS name of the certificate. */
  readonly backend: string;
  /** The MeshIdentity that gives it, and the only id in it; absent: the mesh's CA. */
  readonly given?: { readonly identity: string; readonly spiffeId: string };
  /** Distinct `kuma.io/service` values, sorted: one `spiffe://<mesh>/<service>` each. */
  readonly services: readonly string[];
  /** Every tag with its distinct values, sorted: one `kuma://<tag>/<value>` each. */
  readonly tags: readonly (readonly [tag: string, value: string])[];
}

/** Everything but secrets. `identity` asks for a certificate, and for the CA of the mesh where that issues it. */
export interface ProxyConfig {
  readonly resources: ProxyResources;
  readonly identity?: IdentityNeed;
  /** Of a zone egress: one for each mesh whose TLS ends there, sorted by mesh; each asks for the secrets of its mesh. */
  readonly identities?: readonly IdentityNeed[];
}

/** What `apply` gives back for one attached proxy whose config differs. */
export interface ProxyUpdate {
  readonly patch: ProxyPatch;
  /** Present only when it changed; `null`: no identity is needed any more. */
  readonly identity?: IdentityNeed | null;
  /** Present only when they changed. */
  readonly identities?: readonly IdentityNeed[];
}

/** One offer of a zone ingress: what `ZoneIngress.availableServices` lists. */
export interface AvailableService {
  readonly mesh: string;
  readonly tags: Tags;
  readonly instances: number;
  /** Outside of the mesh: the zone's egress reaches it. */
  readonly externalService?: true;
}

/** A unit of work that failed: the last good config stays, the failure is counted and shown. */
export interface GenerationFailure {
  readonly unit: string;
  readonly message: string;
}

export type { PolicyNote } from "@meridian/policies";

/** A note, and how many proxies it is about. */
export interface CountedNote {
  readonly message: string;
  readonly proxies: number;
}

/** Which attached proxies each policy has a part in. Policies go by their `keyText`, as in the `origins` of resources. */
export interface PolicyReach {
  /** Attached proxies whose config holds something that the policy decided; 0 for one that nobody knows. */
  count(policy: string): number;
  /** Whether the config of this proxy does. */
  holds(id: string, policy: string): boolean;
  /** Sorted by message. */
  notes(policy: string): readonly CountedNote[];
  /** Policies whose count or notes may differ since the last call. */
  takeChanged(): ReadonlySet<string>;
  /** Whether there may be any. */
  readonly hasChanged: boolean;
  /** Policies that decided a resource which was handed out since the last call. */
  takeTouched(): ReadonlySet<string>;
}

/**
 * The zone's mesh view with incremental generation. Synchronous and deterministic: no clock, randomness or I/O. The law, kept
 * by a property test: after any changes in any order, every proxy's config equals `generate` from scratch on the same view.
 */
export interface ConfigEngine {
  /** Applies changes as one step. Proxies that are not in the result hold exactly what they should. */
  apply(changes: readonly ViewChange[]): ReadonlyMap<string, ProxyUpdate>;
  /** Generates for a proxy and keeps it up to date from now on. A proxy whose resource is not in the view gets no resources yet. */
  attach(proxy: ProxyDescription): ProxyConfig;
  detach(id: string): void;
  /** What this zone's ingress offers, from the healthy inbounds of local Dataplanes; sorted; the same array while unchanged. */
  availableServices(): readonly AvailableService[];
  readonly failures: readonly GenerationFailure[];
  readonly policies: PolicyReach;
  /** What configs are made from at this moment; the same object for ever, so read it again after `apply`. */
  readonly view: MeshView;
}
