import { isIP } from "node:net";
import { type ExternalTlsOptions, externalSecretName } from "@meridian/envoy";
import type { ExternalEndpoint, ExternalTlsFacts } from "../view/external-service-facts.ts";

/** The tag that tells the endpoints of one service apart where each has TLS of its own. */
export const externalNameTag = "kuma.io/external-service-name";

/**
 * TLS towards one ExternalService (reference: resources-legacy.md section 13). Without a CA of the user's the server's certificate is
 * not checked at all. The keys themselves come by SDS: they are in no config that anybody may look at.
 */
export function externalServiceTls(mesh: string, endpoint: ExternalEndpoint, tls: ExternalTlsFacts): ExternalTlsOptions {
  const { name, address } = endpoint;
  const host = tls.serverName || address;
  const secret = (use: "ca" | "cert") => externalSecretName({ kind: "ExternalService", mesh, name, use });
  return {
    ...(isIP(host) === 0 && { sni: host }),
    ...(tls.hasCa && { caSecret: secret("ca") }),
    ...(tls.hasCertificate && { certificateSecret: secret("cert") }),
    ...(tls.hasCa && tls.checksHostname && { serverNames: [{ type: "exact", value: host }] }),
    ...(tls.allowRenegotiation && { allowRenegotiation: true }),
  };
}

/** SDS names that the TLS refers to. */
export function secretsOf({ caSecret, certificateSecret }: ExternalTlsOptions): readonly string[] {
  return [caSecret, certificateSecret].filter((name) => name !== undefined);
}
