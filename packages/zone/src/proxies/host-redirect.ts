import type { ProxyDescription } from "@meridian/generator";
import { object } from "../bootstrap/json-fields.ts";

type Redirect = NonNullable<ProxyDescription["transparentProxy"]>;

/** Says that the node metadata, not the resource, tells what the host redirects (reference: dataplane-protocol.md section 5). */
const feature = "feature-transparent-proxy-in-dataplane-metadata";
const usualPorts = { inbound: 15_006, outbound: 15_001 } as const;

/** Undefined: the proxy does not say, or its workload's connections are not redirected. */
export function hostRedirect(metadata: Readonly<Record<string, unknown>>, features: ReadonlySet<string>): Redirect | undefined {
  const told = object(metadata["transparentProxy"]);
  if (!features.has(feature) || Object.keys(told).length === 0) return undefined;
  const { inbound, outbound, dns } = object(told["redirect"]);
  if (!isEnabled(outbound)) return undefined;
  return {
    outboundPort: portOf(outbound, usualPorts.outbound),
    ...(isEnabled(inbound) && { inboundPort: portOf(inbound, usualPorts.inbound) }),
    ipv6: told["ipFamilyMode"] !== "ipv4",
    redirectsDns: isEnabled(dns),
  };
}

function isEnabled(part: unknown): boolean {
  return object(part)["enabled"] === true;
}

function portOf(part: unknown, usual: number): number {
  const port = Number(object(part)["port"] ?? usual);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : usual;
}
