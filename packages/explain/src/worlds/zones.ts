import type { ProxyDescription } from "@meridian/generator";
import { labelNames, type Resource, type ResourceKey } from "@meridian/model";

/** Which zones there are, and what each of them sees of what this control plane holds. */
export interface Zones {
  /** Sorted. */
  names(resources: Iterable<Resource>): readonly string[];
  /** A resource as it is in the store of a zone; undefined where that zone does not have it. */
  seenIn(resource: Resource, zone: string): Resource | undefined;
}

/** Features that every data plane of today announces. */
const usualFeatures: ReadonlySet<string> = new Set(["feature-delta-grpc", "feature-strict-inbound-ports", "feature-reuse-port"]);

const proxyTypes: Readonly<Record<string, ProxyDescription["type"]>> = {
  Dataplane: "dataplane",
  ZoneIngress: "ingress",
  ZoneEgress: "egress",
};

/** The proxy behind a resource, with what it usually says of itself; undefined when it is no proxy's. */
export function usualProxy({ kind, mesh, name }: ResourceKey): ProxyDescription | undefined {
  const type = proxyTypes[kind];
  if (!type) return undefined;
  return {
    ...{ id: type === "dataplane" ? `${mesh}.${name}` : `.${name}`, type, mesh, name },
    features: usualFeatures,
    admin: { address: "127.0.0.1", port: 0 },
    ipv6Enabled: true,
  };
}

/** Where a resource says no zone, it is of the control plane's own: "". */
export function zoneOf({ labels, spec }: Pick<Resource, "labels" | "spec">): string {
  return labels[labelNames.zone] || (spec as { readonly zone?: string }).zone || "";
}
