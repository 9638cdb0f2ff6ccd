import type { DataplaneSpec } from "@meridian/model";

/** What the rules of the host's firewall hand over to Envoy (reference: policies-envoy.md 0.8). */
export interface TransparentProxyFacts {
  /** Where connections to the host arrive, whatever their port. */
  readonly inboundPort?: number;
  /** Where the workload's own connections arrive, wherever they go. */
  readonly outboundPort: number;
  readonly ipv6: boolean;
  /** The workload's DNS queries arrive beside Envoy, too. */
  readonly redirectsDns: boolean;
}

/** Undefined: the workload's connections are not redirected. */
export function transparentProxyFacts({ transparentProxying }: DataplaneSpec["networking"]): TransparentProxyFacts | undefined {
  const { redirectPortInbound, redirectPortOutbound, ipFamilyMode } = transparentProxying ?? {};
  if (!redirectPortOutbound) return undefined;
  return {
    outboundPort: redirectPortOutbound,
    ...(redirectPortInbound && { inboundPort: redirectPortInbound }),
    ipv6: ipFamilyMode !== "IPv4",
    // A resource does not say; whoever redirects connections redirects queries, too, unless it says otherwise.
    redirectsDns: true,
  };
}
