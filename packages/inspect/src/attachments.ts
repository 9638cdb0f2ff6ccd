import { type Resource, tagNames } from "@meridian/model";
import { concerns } from "@meridian/policies";
import type { MeshInventory } from "./inventory.ts";
import {
  inboundKinds,
  type LegacyPolicies,
  legacyPolicies,
  outboundKinds,
  passThrough,
  proxyKinds,
  serviceKinds,
} from "./legacy.ts";
import { distinct } from "./meta.ts";
import type { InspectedProxy } from "./proxy.ts";
import { allTargetRefPolicies } from "./selected.ts";
import { isInbound, type Policy } from "./to-policies.ts";

/** A part of a sidecar that policies attach to. */
export interface Attachment {
  readonly type: "dataplane" | "inbound" | "outbound" | "service";
  /** `ip:port:workloadPort` of an inbound, `ip:port` of an outbound, a service; "" for the whole data plane. */
  readonly name: string;
  readonly service: string;
}

export interface AttachedPolicies extends Attachment {
  /** Source/destination kinds first, then the others in order of application; never empty. */
  readonly policies: readonly Resource[];
}

/** Finds what policies attach to a sidecar and where (reference: rest-api.md section 4). Built once for many proxies of a mesh. */
export function attachmentReader(
  inventory: MeshInventory,
  kinds: ReadonlySet<string> | "all" = "all",
): (proxy: InspectedProxy) => readonly AttachedPolicies[] {
  const isAsked = (kind: string) => kinds === "all" || kinds.has(kind);
  const legacy = legacyPolicies(inventory);
  // Nothing is looked up for a kind that nobody asks for: there are as many look-ups as outbounds in the mesh.
  const asked = {
    outbound: outboundKinds.filter(isAsked),
    service: serviceKinds.filter(isAsked),
    external: ["RateLimit"].filter(isAsked),
  };
  const modern = allTargetRefPolicies(inventory).filter(({ kind }) => isAsked(kind));
  return (proxy) => {
    const selected = modern.filter(proxy.selectedBy);
    const parts = [
      wholeProxy(proxy, legacy, selected),
      ...inbounds(proxy, legacy, modern),
      ...outbounds(proxy, { legacy, selected, asked }),
      ...services(proxy, legacy, asked.service),
    ];
    return parts
      .map((part) => ({ ...part, policies: distinct(part.policies.filter(({ kind }) => isAsked(kind))) }))
      .filter(({ policies }) => policies.length > 0);
  };
}

/** Policies that have neither `to` nor `from` nor `rules` are about the proxy as a whole. */
function wholeProxy(proxy: InspectedProxy, legacy: LegacyPolicies, selected: readonly Policy[]): AttachedPolicies {
  const single = selected.filter((policy) => !isInbound(policy) && !policy.spec.to?.length);
  return {
    type: "dataplane",
    name: "",
    service: "",
    policies: [...present(proxyKinds.map((kind) => legacy.forProxy(kind, proxy))), ...single],
  };
}

function inbounds(proxy: InspectedProxy, legacy: LegacyPolicies, modern: readonly Policy[]): readonly AttachedPolicies[] {
  const aboutInbounds = modern.filter(isInbound);
  return proxy.inbounds.map((inbound) => ({
    type: "inbound",
    name: `${inbound.address}:${inbound.port}:${inbound.workloadPort}`,
    service: inbound.tags[tagNames.service] ?? "",
    policies: [
      ...inboundKinds.flatMap((kind) => legacy.forInbound(kind, inbound)),
      ...aboutInbounds.filter((policy) => proxy.inboundSelectedBy(policy, inbound)),
    ],
  }));
}

interface OutboundLookup {
  readonly legacy: LegacyPolicies;
  readonly selected: readonly Policy[];
  readonly asked: { readonly outbound: readonly string[]; readonly external: readonly string[] };
}

function outbounds(proxy: InspectedProxy, { legacy, selected, asked }: OutboundLookup): readonly AttachedPolicies[] {
  const withTo = selected.filter(({ spec }) => (spec.to?.length ?? 0) > 0);
  return proxy.outbounds.map(({ address, listenerPort, destination }) => {
    const { service, resource } = destination;
    const kinds = [...asked.outbound, ...(legacy.isExternal(service) ? asked.external : [])];
    return {
      type: "outbound",
      name: `${address}:${listenerPort}`,
      service,
      policies: [
        // A destination that is a resource of its own never meets source/destination policies.
        ...present(resource ? [] : kinds.map((kind) => legacy.forService(kind, proxy, service))),
        ...withTo.filter(({ spec }) => (spec.to ?? []).some(({ targetRef }) => concerns(targetRef, destination))),
      ],
    };
  });
}

/** HealthCheck, CircuitBreaker and Retry look at where routes lead, TrafficLog at the outbound's own service. */
function services(proxy: InspectedProxy, legacy: LegacyPolicies, asked: readonly string[]): readonly AttachedPolicies[] {
  if (asked.length === 0) return [];
  const own = new Set(proxy.outbounds.flatMap(({ destination }) => (destination.resource ? [] : [destination.service])));
  const routed = new Set([...own].flatMap((service) => legacy.routedServices(proxy, service)));
  return [...new Set([...own, ...routed, passThrough])].map((service) => {
    const isOwn = own.has(service) || service === passThrough;
    const kinds = asked.filter((kind) => (kind === "TrafficLog" ? isOwn : routed.has(service)));
    return {
      type: "service",
      name: service,
      service,
      policies: present(kinds.map((kind) => legacy.forService(kind, proxy, service))),
    };
  });
}

function present<T>(values: readonly (T | undefined)[]): readonly T[] {
  return values.filter((value) => value !== undefined);
}
