import { labelNames, type Tags, tagNames } from "@meridian/model";
import type { ProxySubject } from "../types.ts";

/** What stands for `%KUMA_…%` in the format of an access log: text, or a placeholder of Envoy's own. */
export interface LogValues {
  readonly mesh: string;
  readonly zone: string;
  readonly source: string;
  readonly destination: string;
  readonly direction: "INBOUND" | "OUTBOUND" | "UNSPECIFIED";
  /** KRI of the workload; "" when it has none. */
  readonly workload: string;
  /** Without a port. */
  readonly sourceAddress: string;
  readonly sourceAddressWithPort: string;
}

/** What a conf says about the client itself; only what its formats ask for, so that proxies share the rest. */
export interface ClientValues {
  readonly source?: string;
  readonly workload?: string;
}

const placeholder = {
  source: "%KUMA_SOURCE_SERVICE%",
  workload: "%KUMA_WORKLOAD%",
} as const;

/** Node metadata that every bootstrap of ours holds: the address of the proxy's Dataplane. */
export const addressMetadata = "dataplane.address";

/**
 * The proxy's own address, read by Envoy from what its bootstrap says: as text it would differ from proxy to proxy, and not even two
 * instances of one service could share an outbound.
 */
const ownAddress = `%CEL(xds.node.metadata['${addressMetadata}'])%`;
export const ownAddressValues = { sourceAddress: ownAddress, sourceAddressWithPort: `${ownAddress}:0` } as const;

/** Who connected. The peer shows the proxy's own address here, as if it had called itself. */
export const peerAddressValues = {
  sourceAddress: "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%",
  sourceAddressWithPort: "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%",
} as const;

export function fillPlaceholders(text: string, values: LogValues): string {
  return text
    .replaceAll("%KUMA_SOURCE_ADDRESS_WITHOUT_PORT%", values.sourceAddress)
    .replaceAll("%KUMA_SOURCE_ADDRESS%", values.sourceAddressWithPort)
    .replaceAll(placeholder.source, values.source)
    .replaceAll("%KUMA_DESTINATION_SERVICE%", values.destination)
    .replaceAll("%KUMA_MESH%", values.mesh)
    .replaceAll("%KUMA_ZONE%", values.zone)
    .replaceAll("%KUMA_TRAFFIC_DIRECTION%", values.direction)
    .replaceAll(placeholder.workload, values.workload);
}

/** Which values of the client the texts ask for. */
export function usedOfClient(texts: readonly string[]): { readonly source: boolean; readonly workload: boolean } {
  const uses = (wanted: string) => texts.some((text) => text.includes(wanted));
  return { source: uses(placeholder.source), workload: uses(placeholder.workload) };
}

/** The service that a proxy is known by: the first that it has; "" when it has none. */
export function ownService(tagSets: readonly Tags[]): string {
  return tagSets.map((tags) => tags[tagNames.service]).find((service) => service) ?? "";
}

/** KRI of the proxy's Workload (reference: rest-api.md 3.2); "" when its label is not set. */
export function workloadKri({ mesh, zone, labels }: ProxySubject): string {
  const workload = labels[labelNames.workload];
  return workload ? ["kri", "wl", mesh, zone, labels[labelNames.namespace] ?? "", workload, ""].join("_") : "";
}
