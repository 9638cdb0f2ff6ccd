import { type EncodedResource, gatewayBufferLimitBytes, gatewayClusterName, httpProtocolOptions } from "@meridian/envoy";
import { keyText, type Resource, tagNames } from "@meridian/model";
import {
  type OutboundEffect,
  type OutboundSubject,
  type OutboundTarget,
  outboundEffects,
  type Protocol,
  type RouteDestination,
} from "@meridian/policies";
import type { EndpointsRef } from "../parts.ts";
import { destination } from "../sidecar/destination.ts";
import { destinationNames, destinationSubject } from "../sidecar/destination-subject.ts";
import { worldOf } from "../sidecar/world.ts";
import { isHttp } from "../view/protocol.ts";
import { tagsText } from "../view/tags.ts";
import { type HostSide, routesOf } from "./side.ts";

/** Where traffic from one listener goes, and what policies want of it. */
export interface GatewayDestination {
  readonly to: RouteDestination;
  readonly clusterName: string;
  readonly target: OutboundTarget;
  readonly effects: readonly OutboundEffect[];
  readonly cluster: EncodedResource | undefined;
  readonly endpoints: EndpointsRef | undefined;
}

/** By the text of their tags, in the order of the routes. */
export function destinationsOf(side: HostSide): ReadonlyMap<string, GatewayDestination> {
  const { rules, connections, idle } = side.plan;
  const entries = rules.flatMap((rule) => rule.entries);
  const wanted = [...entries.flatMap((entry) => [...entry.destinations, ...(entry.mirrors ?? [])]), ...connections, ...idle];
  const found = new Map<string, GatewayDestination>();
  for (const to of wanted) {
    const text = tagsText(to.tags);
    if (!found.has(text)) found.set(text, destinationOf(side, to));
  }
  return found;
}

function destinationOf(side: HostSide, to: RouteDestination): GatewayDestination {
  const { context, mesh, subject, host, shown } = side;
  const outbound = outboundOf(side, to);
  const service = to.tags[tagNames.service] ?? "";
  const target: OutboundTarget = {
    ...{ mesh: mesh.name, zone: context.view.zone, service, tags: to.tags },
    protocol: outbound.protocol,
  };
  const effects = outboundEffects(
    { subject, outbound, routes: routesOf(side.plan), world: worldOf(context, mesh) },
    policiesOn(side, outbound),
  );
  const clusterName = gatewayClusterName(to.tags, host.tags, isHttp(target.protocol) ? "http" : "tcp");
  const built = destination(context, {
    ...{ to, target, effects, clusterName, client: subject, origins: [] },
    ...(shown && { shown }),
    overlay: { perConnectionBufferLimitBytes: gatewayBufferLimitBytes, ...spokenTo(target.protocol) },
  });
  return { to, clusterName, target, effects, ...built };
}

/** On an HTTP listener a destination of which nothing is known yet is taken for HTTP: nothing else can be behind it. */
function outboundOf({ context, mesh, port }: HostSide, to: RouteDestination): OutboundSubject {
  const outbound = destinationSubject(context.view, mesh.name, to);
  const carriesHttp = port.protocol === "HTTP" || port.protocol === "HTTPS";
  if (!carriesHttp) return { ...outbound, protocol: "tcp" };
  return isHttp(outbound.protocol) ? outbound : { ...outbound, protocol: "http" };
}

function policiesOn({ context: { view }, mesh }: HostSide, outbound: OutboundSubject): (kind: string) => readonly Resource[] {
  const lists = [view.outboundPolicies(mesh.name, ...destinationNames(outbound)), view.gatewayPolicies(mesh.name)];
  return (kind) => [...new Map(lists.flatMap((list) => list(kind)).map((policy) => [keyText(policy), policy])).values()];
}

/** The protocol of the workload, whose sidecar takes either: so a client's upgrade to a WebSocket gets through. */
function spokenTo(protocol: Protocol): object {
  if (protocol === "http") return { typedExtensionProtocolOptions: httpProtocolOptions({ version: "http1" }) };
  return {};
}
