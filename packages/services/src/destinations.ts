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
import { hostnamesOf, isServiceKind, vipOf } from "./status.ts";

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
  return portsOf(service)
    .map(({ port, name, protocol }) => {
      const section = name || String(port);
      const { kind, mesh, name: resourceName } = service;
      const key = { kind, mesh, name: resourceName };
      return { service: key, kri: kri(service, kinds, section) ?? "", section, vip, port, protocol, hostnames };
    })
    .sort((a, b) => a.port - b.port);
}

interface ServicePort {
  readonly port: number;
  readonly name?: string | undefined;
  readonly protocol: string;
}

function portsOf({ kind, spec }: ResourceInput): readonly ServicePort[] {
  if (kind === "MeshExternalService") {
    const { match } = spec as MeshExternalServiceSpec;
    return [{ port: match.port, protocol: match.protocol ?? "tcp" }];
  }
  const { ports = [] } = spec as MeshServiceSpec | MeshMultiZoneServiceSpec;
  return ports.map(({ port, name, appProtocol }) => ({ port, name, protocol: appProtocol ?? "tcp" }));
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
 * Which ports of which services a data plane gets an outbound for, besides those that it lists itself (reference: multizone.md
 * section 8): `reachableBackends` decides when it is there; without it, a non-empty `reachableServices` or the mode ReachableBackends
 * hides all of them. Service and data plane must be of one mesh.
 */
export function reachOf(
  { networking }: DataplaneSpec,
  { mode, takesVips }: ReachOptions,
): (service: ResourceInput, port: number) => boolean {
  const { transparentProxying: transparent } = networking;
  if (!(takesVips ?? transparent?.redirectPortOutbound !== undefined)) return () => false;
  const refs = transparent?.reachableBackends && (transparent.reachableBackends.refs ?? []);
  if (refs) return (service, port) => refs.some((ref) => isReferred(ref, service, port));
  const isHidden = mode === "ReachableBackends" || (transparent?.reachableServices?.length ?? 0) > 0;
  return () => !isHidden;
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
