import {
  type Cluster,
  type EncodedResource,
  type Endpoint,
  externalCluster,
  externalTlsSocket,
  type HttpProtocolOptions,
  outboundClusterName,
  typeUrls,
} from "@meridian/envoy";
import { type Tags, tagNames } from "@meridian/model";
import {
  having,
  inputsOf,
  type OutboundEffect,
  type OutboundTarget,
  originsOf,
  type Protocol,
  shapeCluster,
  shapeEndpoints,
} from "@meridian/policies";
import { baseTimeouts, withCircuitBreakers } from "../base-config.ts";
import type { GenerationContext } from "../parts.ts";
import type { ExternalEndpoint } from "../view/external-service-facts.ts";
import { isHttp } from "../view/protocol.ts";
import { sortedEntries, withoutService } from "../view/tags.ts";
import { externalNameTag, externalServiceTls, secretsOf } from "./external-tls.ts";

export interface DirectClusterOptions {
  /** At a zone egress, which reaches all of them alike. Absent: the sidecar's, by the tags of the target. */
  readonly name?: string;
  /** Of the cluster of a sidecar or gateway. Absent: that of the tags. */
  readonly clusterName?: string;
  readonly target: OutboundTarget;
  readonly overlay: Readonly<Record<string, unknown>>;
  /** Policies behind `overlay`. */
  readonly origins: readonly string[];
  readonly effects: readonly OutboundEffect[];
  /** None: every request fails. */
  readonly endpoints: readonly ExternalEndpoint[];
}

/** The cluster through which a sidecar itself reaches ExternalServices (reference: policies-envoy.md 0.5). */
export function directCluster(context: GenerationContext, options: DirectClusterOptions): EncodedResource {
  const { name, target, overlay, origins, effects, endpoints } = options;
  const { clusterName = outboundClusterName(target.tags) } = options;
  const shaping = name === undefined ? having(effects, "cluster", "endpoints") : having(effects, "cluster");
  const { view } = context;
  const prefersLocalZone = name === undefined && view.mesh(target.mesh)?.prefersLocalZone === true;
  const secured = endpoints.flatMap((endpoint) => (endpoint.tls ? [{ endpoint, tls: endpoint.tls }] : []));
  const sockets = secured.map(({ endpoint, tls }) => ({
    host: endpoint.address,
    tags: endpointTags(endpoint),
    tls: externalServiceTls(target.mesh, endpoint, tls),
  }));
  return context.encoder.share({
    typeUrl: typeUrls.cluster,
    inputs: [
      "external",
      name,
      clusterName,
      target,
      sortedEntries(target.tags),
      endpoints,
      prefersLocalZone,
      overlay,
      inputsOf(shaping),
    ],
    origins: originsOf(shaping, Object.keys(overlay).length > 0 ? origins : []),
    secrets: sockets.flatMap(({ tls }) => secretsOf(tls)),
    build: () => {
      const placed = endpoints.map((endpoint) => placedEndpoint(endpoint, view.zone, prefersLocalZone));
      const assignment = { endpoints: withoutGap(placed) };
      const cluster = externalCluster({
        name: name ?? clusterName,
        connectTimeoutMs: baseTimeouts.connectTimeoutMs,
        ...httpToOutside(target.protocol),
        ...(name === undefined ? shapeEndpoints(assignment, shaping, target) : assignment),
        socketMatches: sockets.map(({ host, tags, tls }) => ({ name: host, tags, socket: externalTlsSocket(tls) })),
      });
      return shapeCluster({ ...withCircuitBreakers(cluster), ...overlay } as Cluster, shaping, target);
    },
  });
}

/** A server outside speaks what it says it speaks; for TCP Envoy has no options. */
export function httpToOutside(protocol: Protocol): { readonly http?: HttpProtocolOptions } {
  return isHttp(protocol) ? { http: { version: protocol === "http" ? "http1" : "http2" } } : {};
}

/** One with TLS is told apart by its name: each has TLS of its own. */
function endpointTags({ tags, name, tls }: ExternalEndpoint): Tags {
  return { ...withoutService(tags), ...(tls && { [externalNameTag]: name }) };
}

/** Without a zone an ExternalService is equally far from all. */
function placedEndpoint(endpoint: ExternalEndpoint, ownZone: string, prefersLocalZone: boolean): Endpoint {
  const zone = endpoint.tags[tagNames.zone];
  return {
    address: endpoint.address,
    port: endpoint.port,
    tags: endpointTags(endpoint),
    matchesTransportSocket: true,
    ...(zone !== undefined && { zone }),
    priority: prefersLocalZone && zone !== undefined && zone !== ownZone ? 1 : 0,
  };
}

/** Priorities have no gaps (endpoint_components.proto): with nobody near, those far away come first. */
function withoutGap(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const lowest = Math.min(...endpoints.map(({ priority = 0 }) => priority));
  return lowest === 0 ? endpoints : endpoints.map((endpoint) => ({ ...endpoint, priority: 0 }));
}
