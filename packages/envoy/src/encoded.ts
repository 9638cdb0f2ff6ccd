/** Type URLs of the xDS resources that Meridian serves. */
export const typeUrls = {
  listener: "type.googleapis.com/envoy.config.listener.v3.Listener",
  route: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
  cluster: "type.googleapis.com/envoy.config.cluster.v3.Cluster",
  endpoint: "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
  secret: "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
} as const;

export type TypeUrl = (typeof typeUrls)[keyof typeof typeUrls];

/**
 * An Envoy resource, encoded once and shared by every proxy that uses it (design: "build once, encode once"). Two resources
 * with the same type, name and `version` have the same bytes.
 */
export interface EncodedResource {
  readonly typeUrl: TypeUrl;
  readonly name: string;
  /** Content hash: the version that Envoy sees in delta ADS. */
  readonly version: string;
  /** google.protobuf.Any on the wire: what a state-of-the-world response repeats. */
  readonly any: Uint8Array;
  /** envoy.service.discovery.v3.Resource on the wire {name, version, resource: any}: what a delta response repeats. */
  readonly delta: Uint8Array;
  /** `keyText` of each policy that shaped it, sorted; a NACK is put down to these. Not part of the bytes or of `version`. */
  readonly origins: readonly string[];
  /**
   * SDS names of the secrets of external services that it refers to: who sends the resource sends these, too. Absent: none. Not part
   * of the bytes.
   */
  readonly secrets?: readonly string[];
}

export interface ResourceName {
  readonly typeUrl: TypeUrl;
  readonly name: string;
}

/** A step from one config of a proxy to the next. One patch object is shared by all proxies that take the same step. */
export interface ProxyPatch {
  readonly changed: readonly EncodedResource[];
  readonly removed: readonly ResourceName[];
}

/** Everything a proxy should hold. */
export type ProxyResources = ReadonlyMap<TypeUrl, ReadonlyMap<string, EncodedResource>>;
