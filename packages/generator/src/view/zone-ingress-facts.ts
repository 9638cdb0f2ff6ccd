import { labelNames, type Resource, type Tags, tagNames, type ZoneIngressSpec } from "@meridian/model";
import { crossMeshName } from "./cross-mesh.ts";
import { sortedTags } from "./tags.ts";

/** A service behind the ingress of another zone. */
export interface RemoteOffer {
  /** Name of the ingress resource. */
  readonly ingress: string;
  readonly address: string;
  readonly port: number;
  readonly tags: Tags;
  readonly instances: number;
  /** Outside of the mesh: reached through the egress of that zone. */
  readonly isExternal: boolean;
}

/** Where an ingress is reached from other zones. */
export interface IngressAddress {
  readonly address: string;
  readonly port: number;
}

export interface ZoneIngressFacts {
  readonly name: string;
  readonly zone: string;
  readonly address: string;
  readonly port: number;
  /** `address:port` under which other zones use it; absent when it belongs to this zone or advertises nothing. */
  readonly remote?: string;
  /** The same in parts. */
  readonly advertised?: IngressAddress;
  /** By `mesh/service`; empty unless `remote` is there. */
  readonly offers: ReadonlyMap<string, readonly RemoteOffer[]>;
}

/** Source: resources-legacy.md section 18: used with both advertised fields, and only by other zones. */
export function zoneIngressFacts(resource: Resource<ZoneIngressSpec>, ownZone: string): ZoneIngressFacts {
  const { networking, availableServices = [] } = resource.spec;
  const { advertisedAddress, advertisedPort } = networking;
  const zone = resource.labels[labelNames.zone] ?? resource.spec.zone ?? "";
  const offers = new Map<string, RemoteOffer[]>();
  const facts = { name: resource.name, zone, address: networking.address, port: networking.port, offers };
  if (zone === ownZone || zone === "" || !advertisedAddress || !advertisedPort) return facts;
  for (const { tags, mesh = "", instances = 0, externalService } of availableServices) {
    const service = tags[tagNames.service];
    if (!service || instances < 1) continue;
    const key = serviceKey(mesh, tags[tagNames.mesh] === undefined ? service : crossMeshName(service));
    const list = offers.get(key) ?? [];
    list.push({
      ingress: resource.name,
      address: advertisedAddress,
      port: advertisedPort,
      tags: sortedTags({ [tagNames.zone]: zone, ...tags }),
      instances,
      isExternal: externalService === true,
    });
    offers.set(key, list);
  }
  const advertised = { address: advertisedAddress, port: advertisedPort };
  return { ...facts, remote: `${advertisedAddress}:${advertisedPort}`, advertised };
}

export function serviceKey(mesh: string, service: string): string {
  return `${mesh}/${service}`;
}

export function parseServiceKey(key: string): { readonly mesh: string; readonly service: string } {
  const slash = key.indexOf("/");
  return { mesh: key.slice(0, slash), service: key.slice(slash + 1) };
}
