import { leavingLabel } from "@meridian/generator";
import type { DataplaneSpec, Labels, Resource, ResourceInput, ZoneIngressSpec } from "@meridian/model";

/**
 * Marks a resource that a proxy brought along. It is part of the resource, so it is written and removed with it in one
 * transaction, and a control plane that starts anew knows which resources go when their proxies stay away.
 */
const registeredBy = "meridian.io/registered-by";

/** To list them. */
export const registeredLabels: Labels = { [registeredBy]: "proxy" };

export function isRegisteredByProxy({ labels }: ResourceInput): boolean {
  return labels[registeredBy] === registeredLabels[registeredBy];
}

/** What is written when a proxy registers. What the control plane itself found out about it before stays true. */
export function registered(brought: ResourceInput, stored: Resource | undefined): ResourceInput {
  const labels = { ...brought.labels, ...registeredLabels };
  const offers = (stored?.spec as ZoneIngressSpec | undefined)?.availableServices ?? [];
  // One that took back everything with its goodbye is written without, so that the change has its offers found out anew.
  if (brought.kind !== "ZoneIngress" || offers.length === 0) return { ...brought, labels };
  // Without, other zones would lose their routes to this one for as long as it takes to find out anew.
  return { ...brought, labels, spec: { ...(brought.spec as ZoneIngressSpec), availableServices: offers } };
}

/** The resource of a proxy that is about to stop: nobody is sent to it any more. Undefined when that needs no change. */
export function withdrawn({ kind, mesh, name, labels, spec }: Resource): ResourceInput | undefined {
  const key = { kind, mesh, name, labels };
  if (kind === "ZoneIngress") return { ...key, spec: { ...(spec as ZoneIngressSpec), availableServices: [] } };
  // It goes on serving whoever is connected.
  if (kind === "ZoneEgress") return { ...key, labels: { ...labels, [leavingLabel]: "true" }, spec };
  const { networking } = spec as DataplaneSpec;
  if (!networking?.inbound) return undefined;
  const inbound = networking.inbound.map((one) => ({ ...one, state: "NotReady" as const }));
  return { ...key, spec: { ...(spec as DataplaneSpec), networking: { ...networking, inbound } } };
}
