import { type Tags, tagNames } from "@meridian/model";
import type { OutboundSubject, Protocol, RouteDestination } from "@meridian/policies";
import { type ServiceKind, serviceKinds } from "@meridian/services";
import { placeOf } from "../view/cross-mesh.ts";
import type { MeshView } from "../view/mesh-view.ts";
import type { OutboundFacts } from "../view/outbound-list.ts";
import { resolveService, type ServicePortOf } from "../view/resolve-service.ts";
import type { ServiceRef } from "../view/service-ref.ts";

/** Kinds that proxies have clusters for. */
const routedKinds: readonly string[] = serviceKinds;

/** What an outbound says of where it leads. */
export type OutboundGoal = Pick<OutboundFacts, "tags" | "service" | "backend">;

/** Where an outbound leads, as policies see it. Undefined: to a backend that is not there. */
export function outboundSubject(
  view: MeshView,
  mesh: string,
  { tags, service, backend }: OutboundGoal,
): OutboundSubject | undefined {
  if (backend) return resolveDestination(view, mesh, backend);
  return { tags, service, protocol: knownProtocol(view, mesh, tags) ?? "unknown" };
}

/** What those with these tags speak, in this or in another mesh; undefined: there are none. */
export function knownProtocol(view: MeshView, mesh: string, tags: Tags): Protocol | undefined {
  const place = placeOf(mesh, tags);
  return view.protocol(place.mesh, place.service);
}

/** The port of a real service that a reference means. */
export function resolveDestination(view: MeshView, mesh: string, ref: ServiceRef): OutboundSubject | undefined {
  const found = routedKinds.includes(ref.kind ?? "") ? resolveService(view, mesh, ref) : undefined;
  return found && realSubject(found);
}

/** A destination of a route, which exists: routes were planned with this view. */
export function destinationSubject(view: MeshView, mesh: string, { tags, backend }: RouteDestination): OutboundSubject {
  const found = backend && realPort(view, mesh, backend);
  if (found) return realSubject(found);
  const service = tags[tagNames.service] ?? "";
  return { tags, service, protocol: knownProtocol(view, mesh, tags) ?? "unknown" };
}

export function realPort(
  view: MeshView,
  mesh: string,
  { kind, name, port }: NonNullable<RouteDestination["backend"]>,
): ServicePortOf | undefined {
  const service = view.service(mesh, kind as ServiceKind, name);
  const found = service?.ports.find((each) => each.port === port);
  return service && found && { service, port: found };
}

/** Names under which policies may speak of a destination. */
export function destinationNames({ service, resource }: OutboundSubject): readonly string[] {
  return resource && resource.name !== service ? [service, resource.name] : [service];
}

export function realSubject({ service, port }: ServicePortOf): OutboundSubject {
  return {
    tags: { [tagNames.service]: port.clusterName },
    service: service.displayName,
    protocol: port.protocol,
    resource: service.resource,
    port: port.section,
    backend: { kind: service.kind, name: service.name, port: port.port },
  };
}
