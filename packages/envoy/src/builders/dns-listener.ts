import { durationFromMs, typed } from "./basics.ts";
import type { Listener } from "./types.ts";

export const dnsListenerName = "kuma:dns";

export interface DnsRecord {
  readonly name: string;
  /** IPv4 and IPv6; a query gets those of its type. At least one. */
  readonly addresses: readonly string[];
}

export interface DnsListenerOptions {
  /** On 127.0.0.1, UDP. */
  readonly port: number;
  /** At least one: Envoy refuses an empty table. */
  readonly records: readonly DnsRecord[];
  /** How long clients may keep an answer. Milliseconds. */
  readonly ttlMs: number;
}

/**
 * Answers what the mesh knows, and nothing else: whoever asks takes other names elsewhere (policies-envoy.md 0.9; dns_filter.proto,
 * dns_table.proto).
 */
export function dnsListener({ port, records, ttlMs }: DnsListenerOptions): Listener {
  const config = typed("envoy.extensions.filters.udp.dns_filter.v3.DnsFilterConfig", {
    statPrefix: "kuma_dns",
    serverConfig: {
      inlineDnsTable: {
        virtualDomains: records.map(({ name, addresses }) => ({
          name,
          endpoint: { addressList: { address: addresses } },
          answerTtl: durationFromMs(ttlMs),
        })),
      },
    },
  });
  return {
    name: dnsListenerName,
    address: { socketAddress: { protocol: "UDP", address: "127.0.0.1", portValue: port } },
    trafficDirection: "OUTBOUND",
    filterChains: [],
    listenerFilters: [{ name: "envoy.filters.udp.dns_filter", typedConfig: config }],
  };
}
