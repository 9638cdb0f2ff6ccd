import { outboundClusterName, tagsHash } from "./names.ts";

/** Names of what a builtin gateway has in Envoy. */
type Tags = Readonly<Record<string, string>>;

/** `edge:HTTP:8080` */
export function gatewayListenerName(gateway: string, protocol: string, port: number): string {
  return `${gateway}:${protocol}:${port}`;
}

/** The routes of an HTTP listener, which are for all hosts (`*`), or those of one host of an HTTPS listener. */
export function gatewayRouteName(listener: string, hostname: string): string {
  return `${listener}:${hostname}`;
}

/**
 * The cluster of a destination behind one listener: `<service>-<16 hex>`. Policies may want something else of it at each listener, so
 * the hash is also over the tags of the listener, and over what it carries.
 */
export function gatewayClusterName(destination: Tags, listener: Tags, carried: "http" | "tcp"): string {
  const ofListener = Object.fromEntries(Object.entries(listener).map(([tag, value]) => [`listener ${tag}`, value]));
  const service = outboundClusterName({ "kuma.io/service": destination["kuma.io/service"] ?? "" });
  return `${service}-${tagsHash({ ...destination, ...ofListener, ...(carried === "tcp" && { listener: carried }) })}`;
}

/** A certificate of a listener that ends TLS. */
export interface GatewayCertificate {
  readonly mesh: string;
  /** Name of the MeshGateway. */
  readonly gateway: string;
  readonly port: number;
  /** As it stands in the listener; "": every host. */
  readonly hostname: string;
  /** In the listener's list. */
  readonly index: number;
}

/** SDS name: `gateway_cert:secret:default:edge:8443:0:shop.example`. */
export function gatewayCertificateName({ mesh, gateway, port, hostname, index }: GatewayCertificate): string {
  return `gateway_cert:secret:${mesh}:${gateway}:${port}:${index}:${hostname}`;
}

/** Undefined for any other name. */
export function parseGatewayCertificateName(text: string): GatewayCertificate | undefined {
  const [, mesh, gateway, port, index, hostname] = /^gateway_cert:secret:([^:]*):([^:]*):(\d+):(\d+):(.*)$/.exec(text) ?? [];
  if (mesh === undefined || gateway === undefined || hostname === undefined) return undefined;
  return { mesh, gateway, port: Number(port), hostname, index: Number(index) };
}
