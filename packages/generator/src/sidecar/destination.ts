import {
  type Cluster,
  type EncodedResource,
  edsCluster,
  outboundClusterName,
  serviceSpiffeId,
  tagSni,
  typeUrls,
} from "@meridian/envoy";
import { type Tags, tagNames } from "@meridian/model";
import { baseTimeouts, withCircuitBreakers } from "../base-config.ts";
import type { EndpointsRef, GenerationContext } from "../parts.ts";
import { sortedEntries } from "../view/tags.ts";

export interface DestinationOptions {
  readonly mesh: string;
  /** Contains `kuma.io/service`. */
  readonly tags: Tags;
  /** Fields that routes lay over the cluster. */
  readonly overlay: Readonly<Record<string, unknown>>;
  readonly origins: readonly string[];
}

export interface Destination {
  readonly cluster: EncodedResource;
  readonly endpoints: EndpointsRef;
}

/**
 * The cluster of one set of endpoints (reference: policies-envoy.md 0.5). Proxies speak HTTP/2 among themselves; for TCP the
 * option has no effect. The SNI repeats the tags, since an ingress on the way sees nothing else. In PERMISSIVE mode clients use
 * TLS too: servers accept both, and only TLS passes an ingress.
 */
export function destination(context: GenerationContext, options: DestinationOptions): Destination {
  const { mesh, tags, overlay, origins } = options;
  const service = tags[tagNames.service] ?? "";
  const secured = context.view.mesh(mesh)?.mtls !== undefined;
  // A cluster that routes leave as it is belongs to no policy, so that profiles with different routes share it.
  const isShaped = Object.keys(overlay).length > 0;
  const cluster = context.encoder.share({
    typeUrl: typeUrls.cluster,
    inputs: [mesh, sortedEntries(tags), secured, overlay],
    origins: isShaped ? origins : [],
    build: () => ({ ...destinationCluster(mesh, tags, secured), ...overlay }),
  });
  return { cluster, endpoints: { name: cluster.name, mesh, service, tags, seenFrom: "sidecar" } };
}

function destinationCluster(mesh: string, tags: Tags, secured: boolean): Cluster {
  const serverIds = [serviceSpiffeId(mesh, tags[tagNames.service] ?? "")];
  const cluster = edsCluster({
    name: outboundClusterName(tags),
    connectTimeoutMs: baseTimeouts.connectTimeoutMs,
    http: { version: "http2", idleTimeoutMs: baseTimeouts.idleTimeoutMs },
    ...(secured && { tls: { mesh, sni: tagSni(tags, mesh), serverIds } }),
  });
  return withCircuitBreakers(cluster);
}
