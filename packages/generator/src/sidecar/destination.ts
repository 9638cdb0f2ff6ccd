import {
  type Cluster,
  type EncodedResource,
  edsCluster,
  type HttpProtocolOptions,
  outboundClusterName,
  serviceSpiffeId,
  tagSni,
  typeUrls,
  type UpstreamTlsOptions,
  zoneEgressService,
} from "@meridian/envoy";
import { tagNames } from "@meridian/model";
import {
  having,
  inputsOf,
  type OutboundEffect,
  type OutboundTarget,
  originsOf,
  type ProxySubject,
  type RouteDestination,
  removesCluster,
  shapeCluster,
} from "@meridian/policies";
import { baseTimeouts, withCircuitBreakers } from "../base-config.ts";
import { permittedEndpoints } from "../external/client-access.ts";
import { directCluster, httpToOutside } from "../external/direct-cluster.ts";
import type { EndpointsRef, GenerationContext } from "../parts.ts";
import { placeOf } from "../view/cross-mesh.ts";
import type { ExternalEndpoint } from "../view/external-service-facts.ts";
import type { MeshView } from "../view/mesh-view.ts";
import { hasTags, sortedEntries } from "../view/tags.ts";
import { type ClientTls, clientTls } from "./client-tls.ts";
import { crossMeshTls } from "./cross-mesh-tls.ts";
import { realPort } from "./destination-subject.ts";
import type { ShownIdentity } from "./proxy-tls.ts";
import { realTls } from "./real-destination.ts";

export interface DestinationOptions {
  readonly to: RouteDestination;
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
  /** Absent: that of the tags. */
  readonly clusterName?: string;
  /** What the proxy shows; absent: a certificate of the mesh's CA. */
  readonly shown?: ShownIdentity;
}

export interface Destination {
  /** Undefined: a policy removes it. */
  readonly cluster: EncodedResource | undefined;
  /** Undefined: they are in the cluster. */
  readonly endpoints: EndpointsRef | undefined;
}

/**
 * The cluster of one set of endpoints (reference: policies-envoy.md 0.5). What is outside of the mesh stands behind the zone's egress, or
 * in the cluster itself. Proxies speak HTTP/2 among themselves; for TCP the
 * option has no effect. The SNI repeats the tags, since an ingress on the way sees nothing else. In PERMISSIVE mode clients use
 * TLS too: servers accept both, and only TLS passes an ingress.
 */
export function destination(context: GenerationContext, options: DestinationOptions): Destination {
  const { to, target, overlay, origins, effects } = options;
  const { mesh, tags, service } = target;
  const { backend } = to;
  const { clusterName: name = outboundClusterName(tags) } = options;
  const place = placeOf(mesh, tags);
  const isElsewhere = place.mesh !== mesh;
  const external = backend || isElsewhere ? [] : context.view.externalEndpoints(mesh, service);
  const facts = context.view.mesh(mesh);
  if (external.length > 0 && !facts?.leavesByEgress) return directDestination(context, options, external);
  const isOutside = external.length > 0 || backend?.kind === "MeshExternalService";
  const shaping = having(effects, "cluster");
  const arranging = having(effects, "endpoints");
  const { shown } = options;
  const tls = isElsewhere
    ? crossMeshTls(context.view, { mesh, to, place, ...(shown && { shown }) })
    : clientTls(context.view, { mesh, to, isOutside, ...(shown && { shown }) }, () =>
        serverTls(context.view, mesh, { ...to, isOutside }),
      );
  // Without mTLS on both sides nothing leads there: requests get 503.
  if (isElsewhere && !tls) return { cluster: undefined, endpoints: undefined };
  const endpoints: EndpointsRef = {
    ...{ name, ...place, tags, seenFrom: "sidecar" },
    ...(backend && { backend }),
    ...(tls && !facts?.mtls && { isIdentified: true }),
    ...(arranging.length > 0 && { shape: { effects: arranging, target } }),
  };
  if (removesCluster(name, effects, target)) return { cluster: undefined, endpoints };
  const http = isOutside ? httpToOutside(target.protocol).http : inMesh;
  // A cluster that routes leave as it is does not belong to them, so that profiles with different routes share it.
  const isShaped = Object.keys(overlay).length > 0;
  const cluster = context.encoder.share({
    typeUrl: typeUrls.cluster,
    inputs: [name, mesh, sortedEntries(tags), target.protocol, tls, http, overlay, inputsOf(shaping)],
    origins: originsOf(shaping, isShaped ? origins : []),
    secrets: tls?.shared ?? [],
    build: () => shapeCluster({ ...destinationCluster({ mesh, name, tls, http }), ...overlay }, shaping, target),
  });
  return { cluster, endpoints };
}

function directDestination(
  context: GenerationContext,
  { client, ...options }: DestinationOptions,
  external: readonly ExternalEndpoint[],
): Destination {
  const { target, effects } = options;
  const { clusterName = outboundClusterName(target.tags) } = options;
  if (removesCluster(clusterName, effects, target)) return { cluster: undefined, endpoints: undefined };
  const wanted = external.filter(({ tags }) => hasTags(tags, target.tags));
  const endpoints = permittedEndpoints(context, client, target.service, wanted);
  return { cluster: directCluster(context, { ...options, endpoints }), endpoints: undefined };
}

/** How the client asks for the destination, and knows it. */
type ServerTls = Pick<UpstreamTlsOptions, "sni" | "serverIds">;

interface Server extends RouteDestination {
  /** Of the mesh: the egress stands for it. */
  readonly isOutside: boolean;
}

function serverTls(view: MeshView, mesh: string, { tags, backend, isOutside }: Server): ServerTls {
  const found = backend && realPort(view, mesh, backend);
  if (found) return realTls(view, mesh, found);
  const service = isOutside ? zoneEgressService : (tags[tagNames.service] ?? "");
  return { sni: tagSni(tags, mesh), serverIds: [serviceSpiffeId(mesh, service)] };
}

/** Whatever the workloads speak. */
const inMesh: HttpProtocolOptions = { version: "http2" };

interface ClusterOptions {
  readonly mesh: string;
  readonly name: string;
  readonly tls: ClientTls | undefined;
  readonly http: HttpProtocolOptions | undefined;
}

function destinationCluster({ mesh, name, tls, http }: ClusterOptions): Cluster {
  const cluster = edsCluster({
    name,
    connectTimeoutMs: baseTimeouts.connectTimeoutMs,
    ...(http && { http }),
    ...(tls && { tls: { mesh, ...tls } }),
  });
  return withCircuitBreakers(cluster);
}
