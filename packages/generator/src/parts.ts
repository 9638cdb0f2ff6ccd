import { type EncodedResource, encodeResource, type Listener, type TypeUrl } from "@meridian/envoy";
import type { Tags } from "@meridian/model";
import type { OutboundEffect, OutboundTarget, ServicePortKey } from "@meridian/policies";
import type { IdentityNeed, PolicyNote } from "./types.ts";
import type { MeshView } from "./view/mesh-view.ts";
import type { OutboundFacts } from "./view/outbound-list.ts";

/** A resource that several proxies may need. */
export interface SharedResource {
  readonly typeUrl: TypeUrl;
  /** Everything that `build` depends on, small and plain: equal inputs mean equal bytes, so `build` need not run again. */
  readonly inputs: readonly unknown[];
  readonly origins: readonly string[];
  readonly build: () => object;
  /** See `EncodedResource.secrets`. */
  readonly secrets?: readonly string[];
}

export interface Encoder {
  /** For what one proxy, or one unit, has alone. */
  encode(typeUrl: TypeUrl, json: object, origins: readonly string[], secrets?: readonly string[]): EncodedResource;
  /** The same object for equal inputs and origins. */
  share(resource: SharedResource): EncodedResource;
}

/** Builds everything anew: for a single run. */
export const plainEncoder: Encoder = {
  encode: encodeResource,
  share: ({ typeUrl, origins, build, secrets }) => encodeResource(typeUrl, build(), origins, secrets),
};

export interface GenerationContext {
  readonly view: MeshView;
  readonly encoder: Encoder;
  /** Leave away what makes no difference, so that many proxies have equal profiles; a single run has no use for that. */
  readonly sharesProfiles: boolean;
}

/** Names the endpoints of one cluster. Equal references mean equal ClusterLoadAssignments, whoever uses them. */
export interface EndpointsRef {
  /** Cluster name. */
  readonly name: string;
  readonly mesh: string;
  readonly service: string;
  readonly tags: Tags;
  /** Instead of the service: the port of a real one. */
  readonly backend?: ServicePortKey;
  /** Client and servers have identities though the mesh has no mTLS: other zones can be reached. */
  readonly isIdentified?: true;
  /** `sidecar`: all zones, by preference. `ingress`: workloads of this zone only. `egress`: other zones only. */
  readonly seenFrom: "sidecar" | "ingress" | "egress";
  /** Policies that arrange endpoints, and what they know of the destination; absent: none. */
  readonly shape?: { readonly effects: readonly OutboundEffect[]; readonly target: OutboundTarget };
}

/** What the listener of an outbound does with connections, wherever it listens. */
export interface PartListener {
  /** Absent: that of an outbound at its place. */
  readonly name?: string;
  /** Tell what `build` makes. */
  readonly inputs: readonly unknown[];
  readonly origins: readonly string[];
  readonly build: (place: OutboundFacts) => Listener;
  /** A policy removes the listener of this name. */
  readonly isRemoved: (name: string) => boolean;
  /** See `EncodedResource.secrets`. */
  readonly secrets?: readonly string[];
}

/** What one outbound of a sidecar, or one service behind an ingress, contributes to a config. */
export interface PartResources {
  readonly resources: readonly EncodedResource[];
  readonly endpoints: readonly EndpointsRef[];
  /** Proxies share a part even where they listen at different ports. */
  readonly listener?: PartListener;
  /** What policies ask for in vain: for their status. */
  readonly notes?: readonly PolicyNote[];
}

/** A piece of config that proxies share: equal keys mean equal results. Generated apart from others, so that it can fail alone. */
export interface Part {
  readonly key: string;
  /** For an operator, when it fails. */
  readonly name: string;
  generate(context: GenerationContext): PartResources;
}

export interface PartUse {
  readonly part: Part;
  /** Where the outbound listens. */
  readonly at?: OutboundFacts;
}

/** Proxies with equal `key` share all parts. */
export interface Profile {
  readonly key: string;
  /** In order: a later one replaces resources of the same name. Made on demand: most proxies find their profile made already. */
  readonly parts: () => readonly PartUse[];
  /** The key does not tell the parts: they may differ from what the profile had before. */
  readonly partsVary: boolean;
}

/** What belongs to one proxy alone. A profile gives the rest. */
export interface OwnConfig {
  readonly resources: readonly EncodedResource[];
  readonly identity?: IdentityNeed;
  /** As in `ProxyConfig`. */
  readonly identities?: readonly IdentityNeed[];
  /** As in `PartResources`. */
  readonly notes?: readonly PolicyNote[];
}

export const nothing: OwnConfig = { resources: [] };
