import {
  type DataplaneSpec,
  labelNames,
  type MeshGatewaySpec,
  protocols,
  type Resource,
  type Tags,
  tagNames,
} from "@meridian/model";
import {
  type Destination,
  type Protocol,
  type ProxySubject,
  selectForProxy,
  selectsInbound,
  selectsProxyOrParts,
  type TargetRefSpec,
} from "@meridian/policies";
import { destinationsFor, meshServicesMode, servingInbounds } from "@meridian/services";
import type { MeshInventory } from "./inventory.ts";
import { kriOf } from "./meta.ts";
import { type ServiceIndex, serviceIndex } from "./service-index.ts";

export interface InspectedInbound {
  readonly name?: string;
  /** What `sectionName` names. */
  readonly section: string;
  readonly address: string;
  readonly port: number;
  readonly workloadPort: number;
  readonly protocol: Protocol;
  readonly tags: Tags;
}

export interface InspectedOutbound {
  /** Where the proxy listens. */
  readonly address: string;
  readonly listenerPort: number;
  readonly destination: Destination;
  /** Of a real resource, not of a service known by tag only. */
  readonly service?: { readonly kri: string; readonly protocol: string };
}

/** The MeshGateway that a builtin gateway runs. Tags of its listeners are merged, in their order. */
export interface InspectedGateway {
  readonly resource: Resource<MeshGatewaySpec>;
  readonly listenerTags: readonly Tags[];
}

/** A data plane as policies see it. */
export interface InspectedProxy {
  readonly dataplane: Resource<DataplaneSpec>;
  readonly subject: ProxySubject;
  readonly inbounds: readonly InspectedInbound[];
  readonly outbounds: readonly InspectedOutbound[];
  readonly gateway?: InspectedGateway;
  readonly selectedBy: (policy: Resource<TargetRefSpec>) => boolean;
  /** Whether a policy would select it, did it run this gateway. */
  readonly gatewaySelectedBy: (policy: Resource<TargetRefSpec>, gateway: InspectedGateway) => boolean;
  readonly inboundSelectedBy: (policy: Resource<TargetRefSpec>, inbound: InspectedInbound) => boolean;
}

/** Makes proxies of the data planes of one mesh; what they have in common is indexed once. */
export function proxyReader(inventory: MeshInventory): (dataplane: Resource<DataplaneSpec>) => InspectedProxy {
  const services = serviceIndex(inventory);
  const gateways = inventory.list<MeshGatewaySpec>("MeshGateway");
  const routes = inventory.list<TargetRefSpec>("MeshHTTPRoute");
  const mode = meshServicesMode(inventory.mesh.spec);
  return (dataplane) => {
    const { spec, labels } = dataplane;
    const zone = labels[labelNames.zone] ?? "";
    const withZone = (tags: Tags): Tags => (zone === "" ? tags : { [tagNames.zone]: zone, ...tags });
    const inbounds = inboundsOf(spec, withZone);
    const gatewayTags = spec.networking.gateway?.tags;
    const tagSets = [...inbounds.map(({ tags }) => tags), ...(gatewayTags ? [withZone(gatewayTags)] : [])];
    const subject: ProxySubject = { mesh: dataplane.mesh, name: dataplane.name, zone, labels, tagSets };
    const gateway = spec.networking.gateway?.type === "BUILTIN" ? gatewayOf(tagSets, gateways) : undefined;
    return {
      dataplane,
      subject,
      inbounds,
      outbounds: [...writtenOutbounds(spec, services), ...vipOutbounds(spec, services, mode)],
      ...(gateway && { gateway }),
      selectedBy: (policy) => selectsProxyOrParts(policy, subject, { gateway, routes }),
      gatewaySelectedBy: (policy, asked) => selectsProxyOrParts(policy, subject, { gateway: asked, routes }),
      inboundSelectedBy: (policy, inbound) => selectsInbound(policy, subject, inbound),
    };
  };
}

/** A proxy that runs this gateway and is nothing else: for a gateway that is not deployed. */
export function gatewayProxy(inventory: MeshInventory, gateway: Resource<MeshGatewaySpec>): InspectedProxy {
  const [selector] = gateway.spec.selectors ?? [];
  const tags = Object.fromEntries(Object.entries(selector?.match ?? {}).filter(([, value]) => value !== "*"));
  const dataplane: Resource<DataplaneSpec> = {
    ...gateway,
    kind: "Dataplane",
    labels: { ...gateway.labels, [labelNames.proxyType]: "gateway" },
    spec: { networking: { address: "0.0.0.0", gateway: { type: "BUILTIN", tags } } },
  };
  const only = { ...inventory, list: (kind: string) => (kind === "MeshGateway" ? [gateway] : inventory.list(kind)) };
  return proxyReader(only as MeshInventory)(dataplane);
}

/** Tags of a listener: the proxy's, over them the gateway's, over them its own (reference: resources-legacy.md section 14). */
function gatewayOf(tagSets: readonly Tags[], gateways: readonly Resource<MeshGatewaySpec>[]): InspectedGateway | undefined {
  const resource = selectForProxy(tagSets, gateways);
  if (!resource) return undefined;
  const base = { ...tagSets[0], ...resource.spec.tags };
  return { resource, listenerTags: resource.spec.conf.listeners.map(({ tags }) => ({ ...base, ...tags })) };
}

function inboundsOf(spec: DataplaneSpec, withZone: (tags: Tags) => Tags): readonly InspectedInbound[] {
  return servingInbounds(spec).map((inbound) => ({
    ...(inbound.name && { name: inbound.name }),
    section: inbound.name || String(inbound.port),
    address: inbound.address || spec.networking.address,
    port: inbound.port,
    workloadPort: inbound.servicePort || inbound.port,
    protocol: asProtocol(inbound.protocol || inbound.tags[tagNames.protocol]),
    tags: withZone({ ...inbound.tags, ...(inbound.protocol && { [tagNames.protocol]: inbound.protocol }) }),
  }));
}

function asProtocol(text = "tcp"): Protocol {
  return (protocols as readonly string[]).includes(text) ? (text as Protocol) : "tcp";
}

/** Those that the data plane lists itself; one that leads nowhere is left out. */
function writtenOutbounds({ networking }: DataplaneSpec, services: ServiceIndex): readonly InspectedOutbound[] {
  return (networking.outbound ?? []).flatMap(
    ({ address = "127.0.0.1", port, tags, backendRef }): readonly InspectedOutbound[] => {
      const service = tags?.[tagNames.service];
      if (tags && service) return [{ address, listenerPort: port, destination: { tags, service } }];
      const found = backendRef && services.resolve(backendRef);
      return found ? [resourceOutbound({ address, port }, found)] : [];
    },
  );
}

/** Those that a proxy with redirected traffic gets for the addresses of services. */
function vipOutbounds(
  spec: DataplaneSpec,
  services: ServiceIndex,
  mode: ReturnType<typeof meshServicesMode>,
): readonly InspectedOutbound[] {
  if (spec.networking.transparentProxying?.redirectPortOutbound === undefined) return [];
  const byKey = new Map(services.all.map((resource) => [`${resource.kind}/${resource.name}`, resource]));
  return destinationsFor(spec, services.all, { mode }).flatMap(({ service, section, protocol, vip, port }) => {
    const resource = byKey.get(`${service.kind}/${service.name}`);
    return resource ? [resourceOutbound({ address: vip, port }, { resource, section, protocol })] : [];
  });
}

function resourceOutbound(
  at: { readonly address: string; readonly port: number },
  { resource, section, protocol }: { readonly resource: Resource; readonly section: string; readonly protocol: string },
): InspectedOutbound {
  return {
    address: at.address,
    listenerPort: at.port,
    destination: { tags: {}, service: resource.labels[labelNames.displayName] ?? resource.name, resource, port: section },
    service: { kri: kriOf(resource, resource.kind === "MeshExternalService" ? "" : section), protocol },
  };
}
