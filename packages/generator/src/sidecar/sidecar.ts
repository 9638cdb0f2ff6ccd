import { type EncodedResource, typeUrls } from "@meridian/envoy";
import {
  extraInboundClusters,
  type InboundTarget,
  inboundEffects,
  notesOf,
  type OwnResource,
  originsOf,
  type ProxySubject,
  proxyEffects,
  shapeOwnResources,
} from "@meridian/policies";
import { meshIngressListeners } from "../ingress/mesh-ingress.ts";
import { type GenerationContext, nothing, type OwnConfig } from "../parts.ts";
import type { ProxyDescription } from "../types.ts";
import type { DataplaneFacts, InboundFacts } from "../view/dataplane-facts.ts";
import type { MeshFacts } from "../view/mesh-facts.ts";
import type { OutboundFacts } from "../view/outbound-list.ts";
import { directAccessResources } from "./direct-access.ts";
import { dnsConfig } from "./dynamic-config.ts";
import { bindOutbounds, embeddedDns, strictInboundPorts } from "./features.ts";
import { proxyNeed } from "./identity.ts";
import { inboundListenerResource, inboundSecurity } from "./inbound.ts";
import type { InboundOptions } from "./inbound-options.ts";
import { localCluster } from "./local-cluster.ts";
import { takenPorts, withPrometheus } from "./prometheus.ts";
import { identityNotes, type ProxyIdentity, proxyIdentity, shownIdentity } from "./proxy-identity.ts";
import { proxyTls } from "./proxy-tls.ts";
import { joinOutbounds, reachedOutbounds } from "./reached-outbounds.ts";
import { dataplaneOf } from "./redirect.ts";
import { spireAgent } from "./spire-agent.ts";
import { subjectOf } from "./subject.ts";
import { transparentProxyResources } from "./transparent-proxy.ts";
import { worldOf } from "./world.ts";

/** One proxy and its mesh. */
interface Sidecar {
  readonly context: GenerationContext;
  readonly proxy: ProxyDescription;
  readonly mesh: MeshFacts;
  readonly dataplane: DataplaneFacts;
  readonly subject: ProxySubject;
  readonly identity: ProxyIdentity | undefined;
}

/** What a sidecar has for itself: its inbounds and identity. A proxy without a mesh gets nothing: not even plaintext listeners. */
export function sidecarConfig(context: GenerationContext, proxy: ProxyDescription): OwnConfig {
  const { view } = context;
  const mesh = view.mesh(proxy.mesh);
  const dataplane = dataplaneOf(view, proxy);
  if (!mesh || !dataplane) return nothing;
  const identity = proxyIdentity(view, mesh.name, dataplane.labels);
  const sidecar: Sidecar = { context, proxy, mesh, dataplane, subject: subjectOf(view, proxy, dataplane), identity };
  const inbounds = dataplane.inbounds.map((inbound) => shapedInbound(sidecar, inbound));
  const parts = [
    ...inbounds.map((inbound) => inboundResources(sidecar, inbound)),
    ownResources(sidecar, passesIn(sidecar, inbounds)),
    spireAgent(sidecar),
    { resources: meshIngressListeners(context, proxy, dataplane.zoneIngresses) },
  ];
  const notes = [...parts.flatMap((part) => part.notes ?? []), ...identityNotes(view, mesh.name, dataplane)];
  const need = proxyNeed(mesh, identity, dataplane.tagSets);
  return {
    resources: parts.flatMap(({ resources }) => resources),
    ...(need && { identity: need }),
    ...(notes.length > 0 && { notes }),
  };
}

/** One inbound and what policies want of it. */
type ShapedInbound = Pick<InboundOptions, "inbound" | "target" | "effects">;

function shapedInbound({ context, mesh, subject }: Sidecar, inbound: InboundFacts): ShapedInbound {
  const { service, tags, protocol, address, port } = inbound;
  const target: InboundTarget = { mesh: mesh.name, zone: context.view.zone, service, tags, protocol, address, port };
  const world = worldOf(context, mesh);
  const effects = inboundEffects({ subject, inbound, world }, context.view.inboundPolicies(mesh.name, service));
  return { inbound, target, effects };
}

/**
 * Whether what a redirect hands over and no inbound takes goes on to the workload. Not beside an inbound that takes the TLS of the mesh
 * alone: in plain text, and past its permissions, the application's own port would be as open as any other. Proxies without inbounds,
 * such as gateways of a user's own, take everything.
 */
function passesIn({ context, proxy, mesh, identity }: Sidecar, inbounds: readonly ShapedInbound[]): boolean {
  if (!proxy.features.has(strictInboundPorts)) return true;
  if (!proxyTls(context.view, mesh, identity && shownIdentity(identity))) return true;
  return inbounds.every((inbound) => inboundSecurity(mesh, inbound).mode === "PERMISSIVE");
}

function inboundResources(sidecar: Sidecar, { inbound, target, effects }: ShapedInbound): OwnConfig {
  const { context, proxy, mesh, dataplane, subject, identity } = sidecar;
  const redirects = dataplane.transparentProxy !== undefined;
  const ipv6Enabled = proxy.ipv6Enabled !== false;
  const reusePort = proxy.features.has("feature-reuse-port");
  const extra = extraInboundClusters(effects, target).map((cluster) =>
    context.encoder.encode(typeUrls.cluster, cluster, originsOf(effects)),
  );
  const resources = [
    inboundListenerResource(context, {
      ...{ mesh, subject, identity, inbound, target, effects, ipv6Enabled, reusePort },
      bindToPort: !redirects,
    }),
    localCluster(context, { inbound, target, effects, redirects }),
    ...extra,
  ];
  return {
    resources: resources.filter((resource): resource is EncodedResource => resource !== undefined),
    notes: notesOf(effects),
  };
}

/** Listeners and clusters that policies give a proxy beside its inbounds and outbounds. */
function ownResources(sidecar: Sidecar, isOpen: boolean): OwnConfig {
  const { context, mesh, dataplane, subject, identity } = sidecar;
  const { self } = subject;
  if (!self) return nothing;
  const { view } = context;
  const peers = proxyTls(view, mesh, identity && shownIdentity(identity));
  const tls = peers && { mesh: mesh.name, secrets: peers.secrets, clientPrefixes: peers.peerPrefixes };
  const base = withPrometheus(redirectedResources(sidecar, isOpen), { view, mesh, dataplane, subject, tls });
  const input = {
    ...{ subject, world: worldOf(context, mesh), proxy: self, takenPorts: takenPorts(dataplane) },
    ...(tls && { tls }),
  };
  const effects = proxyEffects(input, (kind) => view.resources(mesh.name, kind), base.length > 0);
  if (effects.length === 0 && base.length === 0) return nothing;
  const target = { mesh: mesh.name, zone: view.zone, proxy: self, tagSets: subject.tagSets };
  const origins = originsOf(effects);
  const resources = shapeOwnResources(base, effects, target).map(({ typeUrl, json }) =>
    context.encoder.encode(typeUrl, json, origins, peers?.shared ?? []),
  );
  return { resources, notes: notesOf(effects) };
}

/** What goes with a redirect of the workload's connections, and of its DNS queries. */
function redirectedResources(sidecar: Sidecar, isOpen: boolean): readonly OwnResource[] {
  const { context, mesh, dataplane, proxy, identity } = sidecar;
  const { view } = context;
  const { transparentProxy } = dataplane;
  if (!transparentProxy || proxy.features.has(bindOutbounds)) return [];
  const reached = (): readonly OutboundFacts[] =>
    joinOutbounds(dataplane.outbounds, reachedOutbounds(view, dataplane, { mesh: mesh.name, takesVips: true }));
  return [
    ...transparentProxyResources(transparentProxy, mesh, isOpen),
    ...directAccessResources(view, mesh, dataplane, identity && shownIdentity(identity)),
    ...(proxy.features.has(embeddedDns) && transparentProxy.redirectsDns
      ? dnsConfig({ proxy, zone: view.zone, outbounds: reached(), ipv6: transparentProxy.ipv6 })
      : []),
  ];
}
