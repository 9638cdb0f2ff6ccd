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
  type ProxySubject,
  removesCluster,
  shapeCluster,
} from "@meridian/policies";
import { baseTimeouts, withCircuitBreakers } from "../base-config.ts";
import { permittedEndpoints } from "../external/client-access.ts";
import { directCluster } from "../external/direct-cluster.ts";
import type { EndpointsRef, GenerationContext } from "../parts.ts";
import type { ExternalEndpoint } from "../view/external-service-facts.ts";
import { hasTags, sortedEntries } from "../view/tags.ts";

export interface DestinationOptions {
  /** Its tags contain `kuma.io/service`. */
  readonly target: OutboundTarget;
  /** Fields that routes lay over the cluster. */
  readonly overlay: Readonly<Record<string, unknown>>;
  /** Policies behind `overlay`. */
  readonly origins: readonly string[];
  /** Of the destination's service. */
  readonly effects: readonly OutboundEffect[];
  /** The proxy. */
  readonly client: ProxySubject;
}

export interface Destination {
  /** Undefined: a policy removes it. */
  readonly cluster: EncodedResource | undefined;
  /** Undefined: they are in the cluster. */
  readonly endpoints: EndpointsRef | undefined;
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
  const external = context.view.externalEndpoints(mesh, service);
  if (external.length > 0) return directDestination(context, options, external);
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

function directDestination(
  context: GenerationContext,
  { client, ...options }: DestinationOptions,
  external: readonly ExternalEndpoint[],
): Destination {
  const { target, effects } = options;
  if (removesCluster(outboundClusterName(target.tags), effects, target)) return { cluster: undefined, endpoints: undefined };
  const wanted = external.filter(({ tags }) => hasTags(tags, target.tags));
  const endpoints = permittedEndpoints(context, client, target.service, wanted);
  return { cluster: directCluster(context, { ...options, endpoints }), endpoints: undefined };
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
