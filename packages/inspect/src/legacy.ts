import { type Resource, type Tags, tagNames } from "@meridian/model";
import {
  type SourceDestinationSpec,
  selectAllForInbound,
  selectForInbound,
  selectForProxy,
  selectForService,
} from "@meridian/policies";
import type { MeshInventory } from "./inventory.ts";
import type { InspectedInbound, InspectedProxy } from "./proxy.ts";

/** The source/destination kinds by what they attach to (reference: resources-legacy.md 0.1 and 0.3). */
export const inboundKinds = ["TrafficPermission", "RateLimit", "FaultInjection"] as const;
export const outboundKinds = ["TrafficRoute", "Timeout"] as const;
export const serviceKinds = ["TrafficLog", "HealthCheck", "CircuitBreaker", "Retry"] as const;
export const proxyKinds = ["TrafficTrace", "ProxyTemplate"] as const;

/** Traffic to where no outbound leads. */
export const passThrough = "pass_through";

type Connection = Resource<SourceDestinationSpec>;
interface TrafficRouteLike extends SourceDestinationSpec {
  readonly conf?: { readonly split?: readonly { readonly destination?: Tags }[]; readonly destination?: Tags };
}

/** Policies of each kind by the service that they are for, so that a lookup sees only those that can fit. */
export interface LegacyPolicies {
  readonly forService: (kind: string, proxy: InspectedProxy, service: string) => Resource | undefined;
  readonly forInbound: (kind: (typeof inboundKinds)[number], inbound: InspectedInbound) => readonly Resource[];
  readonly forProxy: (kind: string, proxy: InspectedProxy) => Resource | undefined;
  /** Where requests for a service go by its TrafficRoute; the service itself where it has none. */
  readonly routedServices: (proxy: InspectedProxy, service: string) => readonly string[];
  /** Whether the name is that of an ExternalService: its rate limits act where requests leave. */
  readonly isExternal: (service: string) => boolean;
}

export function legacyPolicies(inventory: MeshInventory): LegacyPolicies {
  const indexes = new Map<string, ReadonlyMap<string, readonly Connection[]>>();
  const externals = new Set(
    inventory.list<{ readonly tags?: Tags }>("ExternalService").map(({ spec }) => spec.tags?.[tagNames.service]),
  );
  const candidates = (kind: string, service: string): readonly Connection[] => {
    const index = indexes.get(kind) ?? byService(inventory.list<SourceDestinationSpec>(kind));
    indexes.set(kind, index);
    return [...(index.get(service) ?? []), ...(index.get("*") ?? [])];
  };
  // Proxies of one service mostly have equal tags: what was chosen for one holds for all of them.
  const chosen = new Map<string, Resource | undefined>();
  const sources = new WeakMap<object, string>();
  const forService = (kind: string, { subject }: InspectedProxy, service: string) => {
    const fitting = candidates(kind, service);
    if (fitting.length === 0) return undefined;
    const source = sources.get(subject) ?? JSON.stringify(subject.tagSets);
    sources.set(subject, source);
    const key = `${kind} ${service} ${source}`;
    if (!chosen.has(key)) chosen.set(key, selectForService(subject, service, fitting));
    return chosen.get(key);
  };
  return {
    forService,
    forInbound(kind, { tags }) {
      const fitting = candidates(kind, tags[tagNames.service] ?? "");
      if (kind !== "TrafficPermission") return selectAllForInbound(tags, fitting);
      const permission = selectForInbound(tags, fitting);
      return permission ? [permission] : [];
    },
    forProxy: (kind, { subject }) => selectForProxy(subject.tagSets, inventory.list(kind)),
    routedServices(proxy, service) {
      const route = forService("TrafficRoute", proxy, service) as Resource<TrafficRouteLike> | undefined;
      const { destination, split = [] } = route?.spec.conf ?? {};
      const named = [destination, ...split.map((entry) => entry.destination)].map((tags) => tags?.[tagNames.service]);
      const services = named.flatMap((name) => (name === undefined ? [] : [name === "*" ? service : name]));
      return services.length === 0 ? [service] : [...new Set(services)];
    },
    isExternal: (service) => externals.has(service),
  };
}

/** Under `*` those that do not name one service. */
function byService(policies: readonly Connection[]): ReadonlyMap<string, readonly Connection[]> {
  const index = new Map<string, Connection[]>();
  for (const policy of policies) {
    const services = (policy.spec.destinations ?? []).map(({ match }) => match?.[tagNames.service] ?? "*");
    // Under `*` only, where it is for any: each lookup then sees it once.
    const keys = services.includes("*") ? ["*"] : new Set(services);
    for (const key of keys) {
      const ofKey = index.get(key);
      if (ofKey) ofKey.push(policy);
      else index.set(key, [policy]);
    }
  }
  return index;
}
