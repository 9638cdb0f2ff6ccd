import { adsConfigSource, typed } from "./basics.ts";
import type { TransportSocket } from "./types.ts";

export interface SubjectAltName {
  readonly type: "exact" | "prefix";
  readonly value: string;
}

/** TLS towards a server outside of the mesh (policies-envoy.md 0.6, last paragraph). */
export interface ExternalTlsOptions {
  /** Absent: none is sent, as for an IP address. */
  readonly sni?: string;
  /** SDS name of the CA. Absent: `systemCa`, else the server's certificate is not checked. */
  readonly caSecret?: string;
  /** Path of the CAs of the host on which the proxy runs. */
  readonly systemCa?: string;
  /** SDS name of the certificate to show, with its key. */
  readonly certificateSecret?: string;
  /** Names of which the server's certificate must have one; none: any. They count only where the certificate is checked. */
  readonly serverNames?: readonly SubjectAltName[];
  readonly allowRenegotiation?: boolean;
  /** Envoy `TlsParameters` in proto JSON. */
  readonly params?: Readonly<Record<string, unknown>>;
}

export function externalTlsSocket(options: ExternalTlsOptions): TransportSocket {
  const { sni, certificateSecret, allowRenegotiation, params } = options;
  return {
    name: "envoy.transport_sockets.tls",
    typedConfig: typed("envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext", {
      commonTlsContext: {
        ...(params && { tlsParams: params }),
        ...(certificateSecret && { tlsCertificateSdsSecretConfigs: [secretConfig(certificateSecret)] }),
        ...validation(options),
      },
      ...(sni !== undefined && { sni }),
      ...(allowRenegotiation && { allowRenegotiation }),
    }),
  };
}

function validation({ caSecret, systemCa, serverNames = [] }: ExternalTlsOptions): object {
  const names = serverNames.flatMap(({ type, value }) =>
    ["DNS", "IP_ADDRESS"].map((sanType) => ({ sanType, matcher: { [type]: value } })),
  );
  const context = names.length > 0 ? { matchTypedSubjectAltNames: names } : {};
  if (caSecret) {
    return {
      combinedValidationContext: {
        defaultValidationContext: context,
        validationContextSdsSecretConfig: secretConfig(caSecret),
      },
    };
  }
  return systemCa ? { validationContext: { ...context, trustedCa: { filename: systemCa } } } : {};
}

/**
 * A secret that nobody can give, since its source is missing, must not hold back the rest of the config for Envoy's 15 s
 * (config_source.proto, `initial_fetch_timeout`): until it is there, only connections that need it fail.
 */
function secretConfig(name: string): object {
  return { name, sdsConfig: { ...adsConfigSource, initialFetchTimeout: "1s" } };
}
