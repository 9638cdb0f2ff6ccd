import { dataPlaneSocket, dynamicConfigListener, typeUrls } from "@meridian/envoy";
import type { OwnResource } from "@meridian/policies";
import type { ProxyDescription } from "../types.ts";
import type { OutboundFacts } from "../view/outbound-list.ts";
import { dnsRecords, dnsTtlMs } from "./dns.ts";

export interface DnsConfigOptions {
  readonly proxy: ProxyDescription;
  readonly zone: string;
  readonly outbounds: readonly OutboundFacts[];
  readonly ipv6: boolean;
}

/** Names for the DNS server of the peer's data planes, which fetches them from Envoy (reference: dataplane-protocol.md sections 9, 10). */
export function dnsConfig({ proxy, zone, outbounds, ipv6 }: DnsConfigOptions): readonly OwnResource[] {
  if (proxy.workdir === undefined) return [];
  const records = dnsRecords(outbounds, ipv6).map(({ name, addresses }) => ({ name, ips: addresses }));
  const body = { records, ttl: dnsTtlMs / 1000, extraLabels: { kuma_io_zone: zone, mesh: proxy.mesh, dataplane: proxy.name } };
  const path = dataPlaneSocket(proxy.workdir, "kuma-mesh-metric-config");
  const json = dynamicConfigListener({ path, bodies: { "/dns": JSON.stringify(body) } });
  return [{ typeUrl: typeUrls.listener, origin: "dynamic-config", json }];
}
