import { type DnsRecord, dnsListener, type EncodedResource, typeUrls } from "@meridian/envoy";
import { compareText } from "@meridian/model";
import { mappedIpv6 } from "@meridian/services";
import type { Encoder, Part } from "../parts.ts";
import type { ProxyDescription } from "../types.ts";
import type { DataplaneFacts } from "../view/dataplane-facts.ts";
import type { OutboundFacts } from "../view/outbound-list.ts";
import { bindOutbounds, embeddedDns } from "./features.ts";

/** Where Envoy itself answers DNS (reference: dataplane-protocol.md section 10). Undefined: nowhere, or the program beside it does. */
export function envoyDnsPort({ dnsPort, features }: ProxyDescription, dataplane: DataplaneFacts): number | undefined {
  const answers = answersDns(features, dataplane) && !features.has(embeddedDns);
  return answers ? dnsPort : undefined;
}

/** Queries are redirected as connections are; a proxy that binds its outbounds has no redirect. */
export function answersDns(features: ReadonlySet<string>, { transparentProxy }: DataplaneFacts): boolean {
  return transparentProxy?.redirectsDns === true && !features.has(bindOutbounds);
}

/** How long clients may keep an answer (reference: dataplane-protocol.md section 9). */
export const dnsTtlMs = 30_000;

/**
 * The names under which a proxy's outbounds are known, sorted. A name that several have is that of a real service first, then of
 * whoever is called so himself, then another spelling.
 */
export function dnsRecords(outbounds: readonly OutboundFacts[], ipv6: boolean): readonly DnsRecord[] {
  const byName = new Map<string, string>();
  const add = (name: string, { address }: OutboundFacts): void => {
    if (!byName.has(name)) byName.set(name, address);
  };
  for (const outbound of outbounds) if (outbound.backend) for (const name of outbound.hosts ?? []) add(name, outbound);
  for (const outbound of outbounds) for (const name of outbound.hosts?.slice(0, 1) ?? []) add(name, outbound);
  for (const outbound of outbounds) for (const name of outbound.hosts?.slice(1) ?? []) add(name, outbound);
  return [...byName]
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, address]) => ({ name, addresses: ipv6 ? [address, mappedIpv6(address)] : [address] }));
}

export interface NamesPartOptions {
  readonly mesh: string;
  /** Tells `outbounds`. */
  readonly outboundsKey: string;
  readonly outbounds: () => readonly OutboundFacts[];
  /** Where Envoy answers DNS; absent: it does not. */
  readonly dnsPort?: number | undefined;
  readonly ipv6: boolean;
}

/** What goes with the addresses of a mesh: the DNS listener of a proxy, and what VirtualOutbounds ask for in vain. */
export function namesPart(options: NamesPartOptions): Part {
  const { mesh, outboundsKey, dnsPort, ipv6 } = options;
  return {
    key: JSON.stringify(["names", mesh, outboundsKey, dnsPort, ipv6]),
    name: `names of mesh ${mesh}`,
    generate: ({ view, encoder }) => {
      const notes = view.nameConflicts(mesh);
      return { resources: dnsListeners(encoder, options), endpoints: [], ...(notes.length > 0 && { notes }) };
    },
  };
}

function dnsListeners(
  encoder: Encoder,
  { dnsPort, ipv6, outbounds, outboundsKey }: NamesPartOptions,
): readonly EncodedResource[] {
  const records = dnsPort === undefined ? [] : dnsRecords(outbounds(), ipv6);
  if (dnsPort === undefined || records.length === 0) return [];
  const listener = encoder.share({
    typeUrl: typeUrls.listener,
    inputs: ["dns", dnsPort, ipv6, outboundsKey],
    origins: [],
    build: () => dnsListener({ port: dnsPort, records, ttlMs: dnsTtlMs }),
  });
  return [listener];
}
