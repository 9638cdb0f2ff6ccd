/** Features of proxies that their config depends on (reference: dataplane-protocol.md section 5). */

/** Listens at its outbounds' own addresses, redirect or not. */
export const bindOutbounds = "feature-bind-outbounds";

/** A DNS server runs beside Envoy. */
export const embeddedDns = "feature-embedded-dns";

/** Of what a redirect hands over, only ports of inbounds are open where these take the TLS of the mesh alone. */
export const strictInboundPorts = "feature-strict-inbound-ports";
