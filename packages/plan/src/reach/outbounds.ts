import { realName, usualProxy } from "@meridian/explain";
import { type MeshView, outboundPlan, resolveService, sidecarOutbounds } from "@meridian/generator";
import type { Protocol, ProxySubject, RouteDestination } from "@meridian/policies";
import type { OutboundRoutes } from "../told/routes.ts";

/** An outbound of a data plane, with what people call it. */
export type Outbound = ReturnType<typeof sidecarOutbounds>[number] & {
  readonly to: string;
  /** Of its real service: Envoy knows its routes by it. */
  readonly kri?: string;
};

/** Those that it lists, and those that it is given at the addresses of services. */
export function outboundsOf(view: MeshView, mesh: string, dataplane: string): readonly Outbound[] {
  const proxy = usualProxy({ kind: "Dataplane", mesh, name: dataplane });
  if (!proxy) return [];
  return sidecarOutbounds(view, proxy).map((outbound) => {
    const { service, backend, address, port } = outbound;
    const found = backend && resolveService(view, mesh, backend);
    if (found) return { ...outbound, to: realName(found), kri: found.port.kri };
    return { ...outbound, to: service || backend?.name || `${address}:${port}` };
  });
}

/** Tells one outbound of a data plane from its others, before and after. */
export function outboundKey({ address, port }: Outbound): string {
  return `${address}:${port}`;
}

export function routesOf(view: MeshView, subject: ProxySubject, { tags, service, backend }: Outbound): OutboundRoutes {
  return outboundPlan(view, subject, { tags, service, ...(backend && { backend }) });
}

export function unitOf(view: MeshView, mesh: string, { service, backend }: Outbound): "requests" | "connections" {
  const found = backend && resolveService(view, mesh, backend);
  const protocol: Protocol | undefined = backend ? found?.port.protocol : view.protocol(mesh, service);
  return protocol === "http" || protocol === "http2" || protocol === "grpc" ? "requests" : "connections";
}

/** What people call the real services among the destinations of routes, by their only tag. */
export function realNames(view: MeshView, mesh: string, routes: OutboundRoutes): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { tags, backend } of destinationsOf(routes)) {
    const found = backend && resolveService(view, mesh, backend);
    if (found) names.set(tags["kuma.io/service"] ?? "", realName(found));
  }
  return names;
}

function destinationsOf(routes: OutboundRoutes): readonly RouteDestination[] {
  if (routes === "cut") return [];
  const { entries, idle = [] } = routes;
  return [...entries.flatMap(({ destinations, mirrors = [] }) => [...destinations, ...mirrors]), ...idle];
}
