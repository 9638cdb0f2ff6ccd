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
import { inboundTags, withZone } from "./inbound-tags.ts";
import type { InternPool } from "./intern-pool.ts";
import { endpointsByService, type LocalEndpoint } from "./local-endpoint.ts";
import { type OutboundList, outboundsOf } from "./outbound-list.ts";
import { asProtocol } from "./protocol.ts";
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

export interface DataplaneFacts {
  readonly name: string;
  readonly address: string;
  /** Where others reach it. */
  readonly reachedAt: string;
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
    reachedAt: networking.advertisedAddress || networking.address,
    labels: resource.labels,
    inbounds: inbounds.filter(isReal).map((inbound) => inboundFacts(inbound, { address: networking.address, workload, zone })),
    outbounds: outboundsOf(networking, outboundLists),
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

/** The part of `transparentProxying` that decides about outbounds: plain, so that equal data planes share theirs. */
function reachableFacts({ transparentProxying }: DataplaneSpec["networking"]): DataplaneFacts["reachable"] {
  if (!transparentProxying) return {};
  const { reachableBackends, reachableServices } = transparentProxying;
  return {
    transparentProxying: { ...(reachableBackends && { reachableBackends }), ...(reachableServices && { reachableServices }) },
  };
}
