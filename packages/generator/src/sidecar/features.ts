/** Features of proxies that outbounds depend on (reference: dataplane-protocol.md section 5). */

/** Listens at its outbounds' own addresses, redirect or not. */
export const bindOutbounds = "feature-bind-outbounds";

/** A DNS server runs beside Envoy. */
export const embeddedDns = "feature-embedded-dns";
