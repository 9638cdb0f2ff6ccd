import { type DataplaneInbound, type DataplaneSpec, type Labels, type Resource, type Tags, tagNames } from "@meridian/model";
import { inboundTags } from "./inbound-tags.ts";

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

/** By service; inbounds without one are under "". */
export function endpointsByService(
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
