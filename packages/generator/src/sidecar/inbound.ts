import {
  anyTlsMatch,
  downstreamTlsSocket,
  durationFromMs,
  type EncodedResource,
  type Filter,
  type FilterChain,
  filterChain,
  grpcStatsFilter,
  httpRbacFilter,
  inboundHttpConnectionManager,
  inboundListener,
  inboundListenerName,
  inboundRouteConfiguration,
  inboundRouteName,
  localClusterName,
  meshTlsMatch,
  networkRbacFilter,
  plainTextMatch,
  tcpProxyFilter,
  tlsInspector,
  typeUrls,
} from "@meridian/envoy";
import { type PermissionPlan, type ProxySubject, planPermission } from "@meridian/policies";
import { baseTimeouts } from "../base-config.ts";
import type { GenerationContext } from "../parts.ts";
import type { InboundFacts } from "../view/dataplane-facts.ts";
import type { MeshFacts } from "../view/mesh-facts.ts";
import { isHttp } from "../view/protocol.ts";

export interface InboundOptions {
  readonly mesh: MeshFacts;
  readonly subject: ProxySubject;
  readonly inbound: InboundFacts;
  readonly ipv6Enabled: boolean;
  readonly reusePort: boolean;
}

/** The listener of one inbound (reference: policies-envoy.md 0.3). */
export function inboundListenerResource(context: GenerationContext, options: InboundOptions): EncodedResource {
  const { inbound, mesh, reusePort } = options;
  const { address, port, tags } = inbound;
  const plan = mesh.mtls && permission(context, options);
  const json = inboundListener({
    address,
    port,
    tags,
    reusePort,
    ...((mesh.mtls?.mode === "PERMISSIVE" || plan?.needsTlsInspector) && { listenerFilters: [tlsInspector] }),
    filterChains: filterChains(options, plan),
  });
  return context.encoder.encode(typeUrls.listener, json, plan?.origins ?? []);
}

function permission({ view }: GenerationContext, { mesh, subject, inbound }: InboundOptions): PermissionPlan {
  const { section, tags } = inbound;
  const policies = view.inboundPolicies(mesh.name, inbound.service);
  return planPermission({ subject, inbound: { section, tags }, mesh: mesh.name, ...policies });
}

/**
 * PERMISSIVE takes plaintext, the application's own TLS as plain bytes, and mesh TLS, told apart by ALPN `kuma`. Only the last
 * has an identity, so only there permissions can be checked.
 */
function filterChains(options: InboundOptions, plan: PermissionPlan | undefined): readonly FilterChain[] {
  const { mesh } = options;
  const plain = filters(options, undefined);
  if (!mesh.mtls) return [filterChain({ filters: plain })];
  const secured = { transportSocket: downstreamTlsSocket({ mesh: mesh.name }), filters: filters(options, plan) };
  if (mesh.mtls.mode === "STRICT") return [filterChain(secured)];
  return [
    filterChain({ match: plainTextMatch, filters: plain }),
    filterChain({ match: anyTlsMatch, filters: [plainBytes(options)] }),
    filterChain({ match: meshTlsMatch, ...secured }),
  ];
}

function filters(options: InboundOptions, plan: PermissionPlan | undefined): readonly Filter[] {
  const { inbound } = options;
  const { address, port, protocol } = inbound;
  const inHttp = plan?.placement === "http" && isHttp(protocol);
  const rbac = plan && !inHttp ? [networkRbacFilter(inboundListenerName(address, port), plan.rbac)] : [];
  if (!isHttp(protocol)) return [...rbac, plainBytes(options)];
  return [...rbac, httpFilter(options, plan && inHttp ? [httpRbacFilter(plan.rbac)] : [])];
}

function plainBytes({ inbound }: InboundOptions): Filter {
  const cluster = localClusterName(inbound.workloadPort);
  const { idleTimeoutMs } = baseTimeouts;
  return tcpProxyFilter({ statPrefix: cluster, clusters: [{ cluster, weight: 1 }], idleTimeoutMs });
}

function httpFilter({ inbound, ipv6Enabled }: InboundOptions, firstFilters: readonly Filter[]): Filter {
  const { service, address, port, protocol, workloadPort } = inbound;
  const cluster = localClusterName(workloadPort);
  const listener = inboundListenerName(address, port);
  const action = {
    cluster,
    timeout: durationFromMs(baseTimeouts.inboundRequestTimeoutMs),
    idleTimeout: durationFromMs(baseTimeouts.inboundStreamIdleTimeoutMs),
  };
  return inboundHttpConnectionManager({
    statPrefix: cluster,
    ipv6Enabled,
    httpFilters: [...firstFilters, ...(protocol === "grpc" ? [grpcStatsFilter] : [])],
    idleTimeoutMs: 0,
    requestHeadersTimeoutMs: 0,
    routeConfig: inboundRouteConfiguration({
      name: service ? inboundRouteName(service) : listener,
      virtualHost: service || listener,
      routes: [{ match: { prefix: "/" }, route: action }],
    }),
  });
}
