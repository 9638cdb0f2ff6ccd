import { isIP } from "node:net";
import { type ExternalTlsOptions, externalSecretName, type SubjectAltName } from "@meridian/envoy";
import type { MeshExternalServiceSpec } from "@meridian/model";

type Tls = NonNullable<MeshExternalServiceSpec["tls"]>;

export interface OutsideTls {
  /** For endpoints with this address. */
  readonly host: string;
  readonly options: ExternalTlsOptions;
}

export interface OutsideTlsOptions {
  readonly mesh: string;
  /** Of the MeshExternalService. */
  readonly name: string;
  readonly tls: Tls;
  /** Addresses of its endpoints. */
  readonly hosts: readonly string[];
  /** Path of the CAs of the egress's host; undefined: unknown. */
  readonly systemCa: string | undefined;
}

/**
 * TLS towards the servers of a MeshExternalService: one for all that are asked for by one name, else one for each address (reference:
 * policies-envoy.md 0.6). Where the peer takes more away than its modes say (SkipSAN the server name, SkipAll the client's certificate),
 * only the check itself is left out.
 */
export function outsideTls({ tls, hosts, ...options }: OutsideTlsOptions): readonly OutsideTls[] {
  const { serverName } = tls.verification ?? {};
  const asked = serverName ? hosts.slice(0, 1) : hosts;
  return asked.map((host) => ({ host, options: tlsTo(serverName || host, tls, options) }));
}

function tlsTo(
  host: string,
  { verification = {}, version, allowRenegotiation }: Tls,
  { mesh, name, systemCa }: Omit<OutsideTlsOptions, "tls" | "hosts">,
): ExternalTlsOptions {
  const { mode = "Secured", caCert, clientCert, clientKey, subjectAltNames = [] } = verification;
  const secret = (use: "ca" | "cert") => externalSecretName({ kind: "MeshExternalService", mesh, name, use });
  const checksCa = mode === "Secured" || mode === "SkipSAN";
  // Without any CA nobody is trusted: the secret stays away, and connections fail instead of going on unchecked.
  const usesSystemCa = caCert === undefined && systemCa !== undefined;
  const params = versionParams(version);
  return {
    ...(isIP(host) === 0 && { sni: host }),
    ...(checksCa && usesSystemCa && { systemCa }),
    ...(checksCa && !usesSystemCa && { caSecret: secret("ca") }),
    ...(clientCert && clientKey && { certificateSecret: secret("cert") }),
    ...(mode === "Secured" && { serverNames: [{ type: "exact" as const, value: host }, ...subjectAltNames.map(altName)] }),
    ...(allowRenegotiation && { allowRenegotiation }),
    ...(params && { params }),
  };
}

function altName({ type, value }: NonNullable<NonNullable<Tls["verification"]>["subjectAltNames"]>[number]): SubjectAltName {
  return { type: type === "Prefix" ? "prefix" : "exact", value };
}

/** `TlsParameters`; undefined: Envoy's own choice. */
function versionParams({ min = "TLSAuto", max = "TLSAuto" }: NonNullable<Tls["version"]> = {}): ExternalTlsOptions["params"] {
  if (min === "TLSAuto" && max === "TLSAuto") return undefined;
  return {
    ...(min !== "TLSAuto" && { tlsMinimumProtocolVersion: protocolName(min) }),
    ...(max !== "TLSAuto" && { tlsMaximumProtocolVersion: protocolName(max) }),
  };
}

/** `TLS12` is `TLSv1_2` there (common_tls.proto, `TlsProtocol`). */
function protocolName(version: string): string {
  return `TLSv${version[3]}_${version[4]}`;
}
