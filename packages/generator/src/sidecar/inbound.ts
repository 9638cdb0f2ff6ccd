import {
  anyTlsMatch,
  downstreamTlsSocket,
  type EncodedResource,
  type Filter,
  type FilterChain,
  filterChain,
  httpRbacFilter,
  inboundListener,
  inboundListenerName,
  meshTlsMatch,
  networkRbacFilter,
  plainTextMatch,
  tlsInspector,
  typeUrls,
} from "@meridian/envoy";
import { keyText } from "@meridian/model";
import {
  type InboundSecurity,
  originsOf,
  type PermissionPlan,
  removesInboundListener,
  shapeInboundChain,
  shapeInboundListener,
  shapeSecurity,
} from "@meridian/policies";
import type { GenerationContext } from "../parts.ts";
import type { MeshFacts } from "../view/mesh-facts.ts";
import { isHttp } from "../view/protocol.ts";
import { httpFilter, plainBytes } from "./inbound-filters.ts";
import type { InboundOptions } from "./inbound-options.ts";
import { inboundPermission } from "./plans.ts";
import { shownIdentity } from "./proxy-identity.ts";
import { type ProxyTls, proxyTls } from "./proxy-tls.ts";

/** The listener of one inbound (reference: policies-envoy.md 0.3). Undefined: a policy removes it. */
export function inboundListenerResource(context: GenerationContext, options: InboundOptions): EncodedResource | undefined {
  const { inbound, mesh, reusePort, bindToPort, effects, target } = options;
  const { address, port, tags } = inbound;
  if (removesInboundListener(inboundListenerName(address, port), effects, target)) return undefined;
  const { identity } = options;
  const tls = proxyTls(context.view, mesh, identity && shownIdentity(identity));
  const plan = tls && inboundPermission(context.view, options.subject, inbound);
  const security = tls && inboundSecurity(mesh, options);
  const json = inboundListener({
    address,
    port,
    tags,
    reusePort,
    bindToPort,
    ...((security?.mode === "PERMISSIVE" || plan?.needsTlsInspector) && { listenerFilters: [tlsInspector] }),
    filterChains: filterChains(options, tls && security && { tls, security }, plan),
  });
  return context.encoder.encode(
    typeUrls.listener,
    shapeInboundListener(json, effects, target),
    originsOf(effects, [...(plan?.origins ?? []), ...(tls?.origins ?? []), ...(identity ? [keyText(identity.resource)] : [])]),
    tls?.shared ?? [],
  );
}

/** Of a proxy that has an identity. Without the mesh's own CA there was never plaintext to be lenient with. */
export function inboundSecurity(
  mesh: MeshFacts,
  { effects, target }: Pick<InboundOptions, "effects" | "target">,
): InboundSecurity {
  return shapeSecurity({ mode: mesh.mtls?.mode ?? "STRICT" }, effects, target);
}

/**
 * PERMISSIVE takes plaintext, the application's own TLS as plain bytes, and mesh TLS, told apart by ALPN `kuma`. Only the last
 * has an identity, so only there permissions can be checked.
 */
function filterChains(
  options: InboundOptions,
  secure: { readonly tls: ProxyTls; readonly security: InboundSecurity } | undefined,
  plan: PermissionPlan | undefined,
): readonly FilterChain[] {
  const { mesh, target, effects } = options;
  const shape = (chain: FilterChain, secured: boolean) => shapeInboundChain(chain, effects, { ...target, secured });
  const plain = filters(options, undefined);
  if (!secure) return [shape(filterChain({ filters: plain }), false)];
  const { tls, security } = secure;
  const transportSocket = downstreamTlsSocket({
    mesh: mesh.name,
    secrets: tls.secrets,
    clientPrefixes: tls.peerPrefixes,
    ...(security.tlsParams && { params: security.tlsParams }),
  });
  const secured = { transportSocket, filters: filters(options, plan) };
  if (security.mode === "STRICT") return [shape(filterChain(secured), true)];
  return [
    shape(filterChain({ match: plainTextMatch, filters: plain }), false),
    shape(filterChain({ match: anyTlsMatch, filters: [plainBytes(options.inbound)] }), false),
    shape(filterChain({ match: meshTlsMatch, ...secured }), true),
  ];
}

function filters(options: InboundOptions, plan: PermissionPlan | undefined): readonly Filter[] {
  const { inbound } = options;
  const { address, port, protocol } = inbound;
  const inHttp = plan?.placement === "http" && isHttp(protocol);
  const rbac = plan && !inHttp ? [networkRbacFilter(inboundListenerName(address, port), plan.rbac)] : [];
  if (!isHttp(protocol)) return [...rbac, plainBytes(inbound)];
  return [...rbac, httpFilter(options, plan && inHttp ? [httpRbacFilter(plan.rbac)] : [])];
}
