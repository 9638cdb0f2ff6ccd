import { labelNames, type Resource, type ZoneEgressSpec } from "@meridian/model";
import type { IngressAddress } from "./zone-ingress-facts.ts";

/** A zone egress of this zone. */
export interface ZoneEgressFacts extends IngressAddress {
  readonly name: string;
  /** False: it is about to stop, and nobody should be sent to it any more. */
  readonly isServing: boolean;
}

/** Marks an egress whose proxy said goodbye: it finishes what it has. */
export const leavingLabel = "meridian.io/leaving";

/** Undefined for one of another zone, which serves only the proxies there. */
export function zoneEgressFacts(resource: Resource<ZoneEgressSpec>, ownZone: string): ZoneEgressFacts | undefined {
  const { networking, zone: inSpec } = resource.spec;
  const zone = resource.labels[labelNames.zone] ?? inSpec ?? ownZone;
  if (zone !== ownZone || !networking) return undefined;
  const isServing = resource.labels[leavingLabel] === undefined;
  return { name: resource.name, address: networking.address, port: networking.port, isServing };
}

/** Where proxies of the zone find its egresses: each address once, sorted. */
export function servingAddresses(egresses: Iterable<ZoneEgressFacts>): readonly IngressAddress[] {
  const byText = new Map<string, IngressAddress>();
  for (const { address, port, isServing } of egresses) if (isServing) byText.set(`${address}:${port}`, { address, port });
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, address]) => address);
}
