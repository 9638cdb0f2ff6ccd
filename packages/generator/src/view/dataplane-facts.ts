import { createHash } from "node:crypto";
import {
  type DataplaneInbound,
  type DataplaneSpec,
  type Labels,
  labelNames,
  type Resource,
  type Tags,
  tagNames,
} from "@meridian/model";
import type { Protocol } from "@meridian/policies";
import type { InternPool } from "./intern-pool.ts";
import { asProtocol } from "./protocol.ts";
import type { ServiceRef } from "./service-ref.ts";
import { sortedTags } from "./tags.ts";
import { type TransparentProxyFacts, transparentProxyFacts } from "./transparent-proxy.ts";

/** One inbound with everything derived that the rest needs (reference: resources-legacy.md section 17, derived addresses). */
export interface InboundFacts {
  /** Its name, else its port. */
  readonly section: string;
  readonly tags: Tags;
  /** "" when the inbound has no service. */
  readonly service: string;
  /** How the proxy treats the application's port. */
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
  readonly workloadAddress: string;
  /** The resource does not say where the workload is. */
  readonly isWorkloadImplied?: true;
  readonly workloadPort: number;
}

/** One inbound as its clients reach it. */
export interface LocalEndpoint {
  readonly address: string;
  readonly port: number;
  /** Name of its inbound, else its port. */
  readonly section: string;
  readonly tags: Tags;
  /** Of its Dataplane; absent: none. */
  readonly labels?: Labels;
  readonly healthy: boolean;
}

export interface OutboundFacts {
  readonly address: string;
  readonly port: number;
  /** "" where it leads to a backend. */
  readonly service: string;
  /** Empty where it leads to a backend. */
  readonly tags: Tags;
  /** A port of a MeshService, MeshExternalService or MeshMultiZoneService. */
  readonly backend?: ServiceRef;
  /** What DNS calls its address: first its own name, then other spellings of it. */
  readonly hosts?: readonly string[];
  /** `keyText` of the VirtualOutbound that made it. */
  readonly by?: string;
  /** False: the transparent proxy's listener hands the connections over. */
  readonly bindToPort?: boolean;
}

/** The same object for all Dataplanes with equal outbounds. */
export interface OutboundList {
  /** Short text that tells the list. */
  readonly key: string;
  /** One of an address and port: the last of several wins. */
  readonly items: readonly OutboundFacts[];
}

export interface DataplaneFacts {
  readonly name: string;
  readonly address: string;
  readonly labels: Labels;
  readonly inbounds: readonly InboundFacts[];
  readonly outbounds: OutboundList;
  /** Undefined: the workload is told where its outbounds listen. */
  readonly transparentProxy?: TransparentProxyFacts;
  /** What it says of the services that it reaches. */
  readonly reachable: Pick<DataplaneSpec["networking"], "transparentProxying">;
  /** Services whose instances it reaches by their own addresses; `*`: each. Absent: none. */
  readonly directAccessServices?: readonly string[];
  /** Tags of each inbound, and of the gateway. */
  readonly tagSets: readonly Tags[];
  /** Of a proxy that is a gateway itself; absent: it is none, or one stands behind it. */
  readonly builtinGateway?: Tags;
  /** What it says of its metrics, where the Mesh has them served. */
  readonly metrics?: NonNullable<DataplaneSpec["metrics"]>;
  /** Where other zones come in to the mesh through it. */
  readonly zoneIngresses: readonly ZoneProxyListener[];
  /** By service; inbounds without one are under "". */
  readonly endpoints: ReadonlyMap<string, readonly LocalEndpoint[]>;
}

/** A listener of a data plane that is a zone proxy of its mesh. */
export interface ZoneProxyListener {
  /** Its name, else its port. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** Marks the inbound of a pod without a Service: it has an identity, but no listener and no endpoint. */
const placeholderPort = 49151;

export interface FactsOptions {
  readonly ownZone: string;
  readonly outboundLists: InternPool<OutboundList>;
}

export function dataplaneFacts(resource: Resource<DataplaneSpec>, { ownZone, outboundLists }: FactsOptions): DataplaneFacts {
  const { networking } = resource.spec;
  const zone = resource.labels[labelNames.zone] ?? ownZone;
  const inbounds = (networking.inbound ?? []).filter(({ state }) => state !== "Ignored");
  const gateway = networking.gateway?.tags;
  const transparentProxy = transparentProxyFacts(networking);
  const { directAccessServices } = networking.transparentProxying ?? {};
  // With a redirect in place, 127.0.0.1 would lead back to the proxy.
  const workload = transparentProxy ? networking.address : "127.0.0.1";
  return {
    name: resource.name,
    address: networking.address,
    labels: resource.labels,
    inbounds: inbounds.filter(isReal).map((inbound) => inboundFacts(inbound, { address: networking.address, workload, zone })),
    outbounds: internOutbounds(outboundFacts(networking.outbound ?? []), outboundLists),
    ...(transparentProxy && { transparentProxy }),
    reachable: reachableFacts(networking),
    ...(directAccessServices && { directAccessServices }),
    tagSets: [...inbounds.map((inbound) => inboundTags(inbound, zone)), ...(gateway ? [withZone(gateway, zone)] : [])],
    ...(networking.gateway?.type === "BUILTIN" && { builtinGateway: withZone(gateway ?? {}, zone) }),
    ...(resource.spec.metrics && { metrics: resource.spec.metrics }),
    zoneIngresses: zoneIngressListeners(networking),
    endpoints: endpointsByService(inbounds.filter(isReal), resource, zone),
  };
}

function zoneIngressListeners({ listeners = [], address }: DataplaneSpec["networking"]): readonly ZoneProxyListener[] {
  return listeners
    .filter(({ type }) => type === "ZoneIngress")
    .map((listener) => ({
      ...{ name: listener.name || String(listener.port), address: listener.address || address, port: listener.port },
    }));
}

function isReal(inbound: DataplaneInbound): boolean {
  return inbound.port !== placeholderPort;
}

/** Where the inbounds of a Dataplane are unless they say so themselves. */
interface Place {
  readonly address: string;
  readonly workload: string;
  readonly zone: string;
}

function inboundFacts(inbound: DataplaneInbound, place: Place): InboundFacts {
  const tags = inboundTags(inbound, place.zone);
  return {
    section: inbound.name || String(inbound.port),
    tags,
    service: tags[tagNames.service] ?? "",
    protocol: asProtocol(inbound.protocol || tags[tagNames.protocol] || "tcp"),
    address: inbound.address || place.address,
    port: inbound.port,
    workloadAddress: inbound.serviceAddress || place.workload,
    ...(!inbound.serviceAddress && { isWorkloadImplied: true }),
    workloadPort: inbound.servicePort || inbound.port,
  };
}

/** The control plane sets the zone on write; filled in here too, so that hand-made views behave alike. */
function withZone(tags: Tags, zone: string): Tags {
  return sortedTags({ [tagNames.zone]: zone, ...tags });
}

function inboundTags(inbound: DataplaneInbound, zone: string): Tags {
  const protocol = inbound.protocol ? { [tagNames.protocol]: inbound.protocol } : {};
  return withZone({ ...inbound.tags, ...protocol }, zone);
}

function outboundFacts(outbounds: NonNullable<DataplaneSpec["networking"]["outbound"]>): readonly OutboundFacts[] {
  const byListener = new Map<string, OutboundFacts>();
  for (const outbound of outbounds) {
    const { port, tags = {}, backendRef } = outbound;
    const address = outbound.address || "127.0.0.1";
    const service = tags[tagNames.service];
    const at = { address, port };
    if (service) byListener.set(`${address}:${port}`, { ...at, service, tags: sortedTags(tags) });
    else if (backendRef) byListener.set(`${address}:${port}`, backendOutbound(at, backendRef as ServiceRef));
  }
  return [...byListener.values()];
}

/** An outbound to a real service. */
export function backendOutbound(
  { address, port, hosts = [] }: Pick<OutboundFacts, "address" | "port" | "hosts">,
  backend: ServiceRef,
): OutboundFacts {
  return { address, port, service: "", tags: {}, backend, ...(hosts.length > 0 && { hosts }) };
}

/** The part of `transparentProxying` that decides about outbounds: plain, so that equal data planes share theirs. */
function reachableFacts({ transparentProxying }: DataplaneSpec["networking"]): DataplaneFacts["reachable"] {
  if (!transparentProxying) return {};
  const { reachableBackends, reachableServices } = transparentProxying;
  return {
    transparentProxying: { ...(reachableBackends && { reachableBackends }), ...(reachableServices && { reachableServices }) },
  };
}

function internOutbounds(items: readonly OutboundFacts[], pool: InternPool<OutboundList>): OutboundList {
  const list = outboundList(items);
  return pool.get(list.key, () => list);
}

export function outboundList(items: readonly OutboundFacts[]): OutboundList {
  return { key: createHash("sha1").update(JSON.stringify(items)).digest("base64"), items };
}

function endpointsByService(
  inbounds: readonly DataplaneInbound[],
  { labels, spec: { networking } }: Resource<DataplaneSpec>,
  zone: string,
): ReadonlyMap<string, readonly LocalEndpoint[]> {
  const byService = new Map<string, LocalEndpoint[]>();
  for (const inbound of inbounds) {
    const tags = inboundTags(inbound, zone);
    const service = tags[tagNames.service] ?? "";
    const endpoints = byService.get(service) ?? [];
    endpoints.push({
      address: networking.advertisedAddress || inbound.address || networking.address,
      port: inbound.port,
      section: inbound.name || String(inbound.port),
      tags,
      ...(Object.keys(labels).length > 0 && { labels }),
      healthy: (inbound.state ?? "Ready") === "Ready" && (inbound.health === undefined || inbound.health.ready === true),
    });
    byService.set(service, endpoints);
  }
  return byService;
}
