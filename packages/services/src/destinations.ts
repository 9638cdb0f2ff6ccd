import {
  coreKinds,
  createKindRegistry,
  type DataplaneSpec,
  kri,
  type Labels,
  type MeshExternalServiceSpec,
  type MeshMultiZoneServiceSpec,
  type MeshServiceSpec,
  type ResourceInput,
  type ResourceKey,
} from "@meridian/model";
import { hasLabels, identityOf, isLocal, selectableLabels } from "./identity.ts";
import type { MeshServicesMode } from "./mesh-mode.ts";
import { hostnamesOf, isServiceKind, type ServiceKind, vipOf } from "./status.ts";

/** One port of a MeshService, MeshExternalService or MeshMultiZoneService, as a proxy in front of it needs it. */
export interface Destination {
  readonly service: ResourceKey;
  /** With the section: the port's name, else its number. */
  readonly kri: string;
  readonly section: string;
  /** IPv4, unique in the zone; the IPv6 form is `mappedIpv6` of it. */
  readonly vip: string;
  readonly port: number;
  /** As the service says; `tcp` when it says nothing. */
  readonly protocol: string;
  /** Sorted; empty while no HostnameGenerator names it. */
  readonly hostnames: readonly string[];
}

export interface ReachableRef {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly port?: number;
  readonly labels?: Labels;
}

const kinds = createKindRegistry(coreKinds);

/**
 * The destinations of one service, sorted by port; depends on that resource alone, so it can be kept until the resource changes. Empty
 * for another kind, and until the service has an address (`status.vips`, `status.vip`).
 */
export function destinationsOf(service: ResourceInput): readonly Destination[] {
  const vip = vipOf(service.status);
  if (vip === undefined || !isServiceKind(service.kind)) return [];
  const hostnames = [...hostnamesOf(service.status)].sort();
  const { kind, mesh, name } = service;
  return servicePorts(service).map(({ port, section, protocol }) => ({
    service: { kind, mesh, name },
    kri: serviceKri(service, section),
    ...{ section, vip, port, protocol, hostnames },
  }));
}

/** KRI of one port of a service. */
export function serviceKri(service: ResourceKey & { readonly labels: Labels }, section: string): string {
  return kri(service, kinds, section) ?? "";
}

/** A port of a service, whether it has an address or not. */
export interface ServicePort {
  readonly port: number;
  /** Its name, else its number. */
  readonly section: string;
  /** `tcp` when the service says nothing. */
  readonly protocol: string;
  /** Of a MeshService: port or name of the inbounds behind it. Default: the port. */
  readonly targetPort: number | string;
}

/** The ports of one of the three kinds, sorted; empty for another kind. */
export function servicePorts({ kind, spec }: Pick<ResourceInput, "kind" | "spec">): readonly ServicePort[] {
  if (!isServiceKind(kind)) return [];
  return declaredPorts(kind, spec)
    .map(({ port, name, appProtocol, targetPort }) => ({
      port,
      section: name || String(port),
      protocol: appProtocol ?? "tcp",
      targetPort: targetPort ?? port,
    }))
    .sort((a, b) => a.port - b.port);
}

interface DeclaredPort {
  readonly port: number;
  readonly name?: string | undefined;
  readonly appProtocol?: string | undefined;
  readonly targetPort?: number | string | undefined;
}

function declaredPorts(kind: ServiceKind, spec: unknown): readonly DeclaredPort[] {
  if (kind === "MeshExternalService") {
    const { port, protocol } = (spec as MeshExternalServiceSpec).match;
    return [{ port, appProtocol: protocol }];
  }
  return (spec as MeshServiceSpec | MeshMultiZoneServiceSpec).ports ?? [];
}

export interface ReachOptions {
  /** Of the data plane's mesh. */
  readonly mode: MeshServicesMode;
  /**
   * Whether the proxy takes what is sent to VIPs: its traffic is redirected, or it binds its outbounds. Default: its resource says so
   * (`transparentProxying.redirectPortOutbound`); a proxy that says so in its metadata passes true.
   */
  readonly takesVips?: boolean;
}

/**
 * Which services a data plane gets outbounds for, besides those that it lists itself: all of its mesh, or those that it refers to
 * (reference: multizone.md section 8). `reachableBackends` decides when it is there; without it, a non-empty `reachableServices` or the
 * mode ReachableBackends hides all of them.
 */
export function reachableRefs(
  { transparentProxying: transparent }: Pick<DataplaneSpec["networking"], "transparentProxying">,
  { mode, takesVips = transparent?.redirectPortOutbound !== undefined }: ReachOptions,
): "all" | readonly ReachableRef[] {
  if (!takesVips) return [];
  if (transparent?.reachableBackends) return (transparent.reachableBackends.refs ?? []) as readonly ReachableRef[];
  const isHidden = mode === "ReachableBackends" || (transparent?.reachableServices?.length ?? 0) > 0;
  return isHidden ? [] : "all";
}

/** The same as a question about one port of one service of the data plane's mesh. */
export function reachOf({ networking }: DataplaneSpec, options: ReachOptions): (service: ResourceInput, port: number) => boolean {
  const refs = reachableRefs(networking, options);
  if (refs === "all") return () => true;
  return (service, port) => refs.some((ref) => isReferred(ref, service, port));
}

/** Whether a reference by name or labels means this port of this service; a reference without a port means each. */
export function isReferred(ref: ReachableRef, service: ResourceInput, port: number): boolean {
  if (ref.kind !== service.kind || (ref.port !== undefined && ref.port !== port)) return false;
  return ref.name ? isNamed(ref, service) : ref.labels !== undefined && hasLabels(selectableLabels(service), ref.labels);
}

/** A name means the MeshService of the own zone, or exactly what is stored under it; other kinds have the same name everywhere. */
function isNamed({ name, namespace }: ReachableRef, service: ResourceInput): boolean {
  const identity = identityOf(service);
  if (namespace !== undefined && namespace !== identity.namespace) return false;
  if (service.name === name) return true;
  return identity.name === name && (service.kind !== "MeshService" || isLocal(service));
}

/** All destinations of a data plane, sorted by KRI: `destinationsOf` each service of its mesh, as far as `reachOf` goes. */
export function destinationsFor(
  dataplane: DataplaneSpec,
  services: Iterable<ResourceInput>,
  options: ReachOptions,
): readonly Destination[] {
  const reaches = reachOf(dataplane, options);
  const reached: Destination[] = [];
  for (const service of services) {
    for (const destination of destinationsOf(service)) if (reaches(service, destination.port)) reached.push(destination);
  }
  return reached.sort((a, b) => (a.kri < b.kri ? -1 : a.kri > b.kri ? 1 : 0));
}

/** The IPv6 form of a VIP: `::ffff:f100:1` for 241.0.0.1 (reference: multizone.md section 7). */
export function mappedIpv6(vip: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = vip.split(".").map(Number);
  return `::ffff:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}
