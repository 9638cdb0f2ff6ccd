import { gatewayListenerName, type TlsSecrets } from "@meridian/envoy";
import { keyText, type Resource, tagNames } from "@meridian/model";
import {
  anywhere,
  type GatewayEffect,
  gatewayEffects,
  type ListenerPlan,
  type ListenerTarget,
  ownDestination,
  type ProxySubject,
  planListener,
} from "@meridian/policies";
import type { GenerationContext } from "../parts.ts";
import { resolveDestination } from "../sidecar/destination-subject.ts";
import type { ShownIdentity } from "../sidecar/proxy-tls.ts";
import { worldOf } from "../sidecar/world.ts";
import type { MeshFacts } from "../view/mesh-facts.ts";
import type { MeshGateway } from "./gateway-of.ts";
import type { GatewayHost, GatewayPort } from "./ports.ts";

/** One port of a gateway, for proxies that have the same tags. */
export interface PortSide {
  readonly context: GenerationContext;
  readonly mesh: MeshFacts;
  readonly gateway: MeshGateway;
  readonly port: GatewayPort;
  /** The proxy, with the tags of the Dataplane. */
  readonly proxy: ProxySubject;
  readonly shown?: ShownIdentity;
  /** What the gateway shows to proxies of other meshes, and whom of them it believes; absent: anybody may come. */
  readonly peers?: TlsSecrets;
}

/** Some hosts of it, with what routes and policies want there. */
export interface HostSide extends PortSide {
  readonly host: GatewayHost;
  /** The proxy as routes and policies know it here: by the tags of the listener. */
  readonly subject: ProxySubject;
  readonly plan: ListenerPlan;
  readonly target: ListenerTarget;
  readonly effects: readonly GatewayEffect[];
}

export function hostSide(side: PortSide, host: GatewayHost): HostSide {
  const subject: ProxySubject = { ...side.proxy, tagSets: [host.tags], gateway: side.gateway };
  const plan = hostPlan(side, host, subject);
  return {
    ...{ ...side, host, subject, plan },
    target: listenerTarget(side, host),
    effects: listenerEffects(side, host, { subject, routes: routesOf(plan) }),
  };
}

function hostPlan({ context: { view }, mesh }: PortSide, listener: GatewayHost, subject: ProxySubject): ListenerPlan {
  const aimed = view.gatewayPolicies(mesh.name);
  return planListener({
    ...{ subject, listener },
    policiesOf: (kind) => (kind === "MeshGatewayRoute" ? view.resources(mesh.name, kind) : aimed(kind)),
    backendOf: (ref) => {
      const found = resolveDestination(view, mesh.name, ref);
      return found && { ...ownDestination(found), protocol: found.protocol };
    },
  });
}

export function listenerTarget({ context, mesh, gateway, port }: PortSide, { tags }: GatewayHost): ListenerTarget {
  return {
    mesh: mesh.name,
    zone: context.view.zone,
    service: tags[tagNames.service] ?? "",
    tags,
    name: gatewayListenerName(gateway.name, port.protocol, port.port),
    port: port.port,
  };
}

interface Whom {
  readonly subject: ProxySubject;
  /** See `OutboundDecisionInput`. */
  readonly routes: readonly string[];
}

/** What policies want of the listener itself. It is like an inbound, for which there are policies, and like an outbound to anywhere. */
export function listenerEffects(side: PortSide, host: GatewayHost, { subject, routes }: Whom): readonly GatewayEffect[] {
  const { context, mesh } = side;
  const isHttp = host.protocol === "HTTP" || host.protocol === "HTTPS";
  const protocol = isHttp ? "http" : "tcp";
  const inbound = { section: String(host.port), tags: host.tags, protocol, port: host.port } as const;
  const outbound = { ...anywhere, protocol } as const;
  return gatewayEffects({ subject, inbound, outbound, routes, world: worldOf(context, mesh) }, policiesAbout(side, host));
}

function policiesAbout({ context: { view }, mesh }: PortSide, { tags }: GatewayHost): (kind: string) => readonly Resource[] {
  const service = tags[tagNames.service] ?? "";
  const lists = [
    view.outboundPolicies(mesh.name, anywhere.service),
    view.inboundPolicies(mesh.name, service),
    view.gatewayPolicies(mesh.name),
  ];
  return (kind) => {
    const policies = lists.flatMap((policiesOf) => policiesOf(kind));
    return [...new Map(policies.map((policy) => [keyText(policy), policy])).values()];
  };
}

/** MeshHTTPRoutes (`keyText`) behind a plan. */
export function routesOf({ rules }: ListenerPlan): readonly string[] {
  return [...new Set(rules.flatMap(({ entries }) => entries.flatMap(({ policies = [] }) => policies)))];
}
