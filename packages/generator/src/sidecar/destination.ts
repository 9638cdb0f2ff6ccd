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
import {
  having,
  inputsOf,
  type OutboundEffect,
  type OutboundTarget,
  originsOf,
  removesCluster,
  shapeCluster,
} from "@meridian/policies";
import { baseTimeouts, withCircuitBreakers } from "../base-config.ts";
import type { EndpointsRef, GenerationContext } from "../parts.ts";
import { sortedEntries } from "../view/tags.ts";

export interface DestinationOptions {
  /** Its tags contain `kuma.io/service`. */
  readonly target: OutboundTarget;
  /** Fields that routes lay over the cluster. */
  readonly overlay: Readonly<Record<string, unknown>>;
  /** Policies behind `overlay`. */
  readonly origins: readonly string[];
  /** Of the destination's service. */
  readonly effects: readonly OutboundEffect[];
}

export interface Destination {
  /** Undefined: a policy removes it. */
  readonly cluster: EncodedResource | undefined;
  readonly endpoints: EndpointsRef;
}

/**
 * The cluster of one set of endpoints (reference: policies-envoy.md 0.5). Proxies speak HTTP/2 among themselves; for TCP the
 * option has no effect. The SNI repeats the tags, since an ingress on the way sees nothing else. In PERMISSIVE mode clients use
 * TLS too: servers accept both, and only TLS passes an ingress.
 */
export function destination(context: GenerationContext, options: DestinationOptions): Destination {
  const { target, overlay, origins, effects } = options;
  const { mesh, tags, service } = target;
  const name = outboundClusterName(tags);
  const shaping = having(effects, "cluster");
  const arranging = having(effects, "endpoints");
  const endpoints: EndpointsRef = {
    ...{ name, mesh, service, tags, seenFrom: "sidecar" },
    ...(arranging.length > 0 && { shape: { effects: arranging, target } }),
  };
  if (removesCluster(name, effects, target)) return { cluster: undefined, endpoints };
  const secured = context.view.mesh(mesh)?.mtls !== undefined;
  // A cluster that routes leave as it is does not belong to them, so that profiles with different routes share it.
  const isShaped = Object.keys(overlay).length > 0;
  const cluster = context.encoder.share({
    typeUrl: typeUrls.cluster,
    inputs: [mesh, sortedEntries(tags), target.protocol, secured, overlay, inputsOf(shaping)],
    origins: originsOf(shaping, isShaped ? origins : []),
    build: () => shapeCluster({ ...destinationCluster(mesh, tags, secured), ...overlay }, shaping, target),
  });
  return { cluster, endpoints };
}

function destinationCluster(mesh: string, tags: Tags, secured: boolean): Cluster {
  const serverIds = [serviceSpiffeId(mesh, tags[tagNames.service] ?? "")];
  const cluster = edsCluster({
    name: outboundClusterName(tags),
    connectTimeoutMs: baseTimeouts.connectTimeoutMs,
    http: { version: "http2" },
    ...(secured && { tls: { mesh, sni: tagSni(tags, mesh), serverIds } }),
  });
  return withCircuitBreakers(cluster);
}
