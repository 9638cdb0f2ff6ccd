import { type ExternalServiceSpec, isDomainName, type Tags, tagNames } from "@meridian/model";

/** Somebody wants a host name and port to lead to a destination. */
export interface NameClaim {
  /** In lower case, without a dot at the end. */
  readonly host: string;
  readonly port: number;
  /** Of the destination, sorted; `kuma.io/service` is one of them. */
  readonly tags: Tags;
  /** `keyText` of the VirtualOutbound that says so; absent: what each service has. */
  readonly by?: string;
  /** What its user calls it. */
  readonly byName?: string;
}

/** How every service is called (reference: multizone.md section 7). */
export interface NameSettings {
  /** `mesh`: a service is called `<service>.mesh`. */
  readonly domain: string;
  /** Where it listens, whatever the ports of its instances. */
  readonly port: number;
}

export const defaultNameSettings: NameSettings = { domain: "mesh", port: 80 };

/** None for a service that cannot be a name. */
export function serviceClaims(service: string, { domain, port }: NameSettings): readonly NameClaim[] {
  return claims(`${service}.${domain}`, [port], { [tagNames.service]: service });
}

/** An ExternalService is called as a service, also on its own port, and by the host that it stands for. */
export function externalClaims({ networking, tags }: ExternalServiceSpec, settings: NameSettings): readonly NameClaim[] {
  const service = tags[tagNames.service];
  const [, host = "", portText = ""] = /^(.*):(\d+)$/.exec(networking.address) ?? [];
  const port = Number(portText);
  if (!service || !(port >= 1 && port <= 65_535)) return [];
  const to = { [tagNames.service]: service };
  return [
    ...claims(`${service}.${settings.domain}`, [...new Set([settings.port, port])], to),
    ...(networking.disableHostDNSEntry ? [] : claims(host, [port], to)),
  ];
}

function claims(name: string, ports: readonly number[], tags: Tags): readonly NameClaim[] {
  const host = name.replace(/\.$/, "").toLowerCase();
  return isDomainName(host) ? ports.map((port) => ({ host, port, tags })) : [];
}

/** Tells a claim: equal text, equal claim. */
export function claimText({ host, port, tags, by }: NameClaim): string {
  return JSON.stringify([host, port, Object.entries(tags), by]);
}
