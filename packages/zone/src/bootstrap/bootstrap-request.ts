import { isProxyType, type proxyKinds } from "../proxies/proxy-description.ts";
import { text } from "./json-fields.ts";

/** The request of kuma-dp and `meridian dataplane run` (reference: dataplane-protocol.md section 2). */
export interface BootstrapRequest {
  readonly mesh: string;
  readonly name: string;
  readonly proxyType: keyof typeof proxyKinds;
  readonly token: string | undefined;
  /** Where Envoy finds the token and those that come after it; "": it is to have this one. Our own data plane says it. */
  readonly tokenSecretPath: string;
  readonly dataplaneResource: string;
  readonly caCert: string | undefined;
  readonly workdir: string;
  readonly features: readonly string[];
  /** Everything as it was sent: most of it only passes through into the node's metadata. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Undefined when the body is not such a request. */
export function parseBootstrapRequest(body: string): BootstrapRequest | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return undefined;
  const fields = raw as Readonly<Record<string, unknown>>;
  const proxyType = text(fields["proxyType"]) || "dataplane";
  const name = text(fields["name"]);
  if (!isProxyType(proxyType) || !name) return undefined;
  return {
    mesh: proxyType === "dataplane" ? text(fields["mesh"]) || "default" : "",
    name,
    proxyType,
    token: text(fields["dataplaneToken"]).trim() || undefined,
    tokenSecretPath: text(fields["tokenSecretPath"]),
    dataplaneResource: text(fields["dataplaneResource"]),
    caCert: text(fields["caCert"]) || undefined,
    workdir: text(fields["workdir"]),
    features: Array.isArray(fields["features"]) ? fields["features"].filter((feature) => typeof feature === "string") : [],
    raw: fields,
  };
}
