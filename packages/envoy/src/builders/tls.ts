import { identitySecretName, meshCaSecretName, meshSpiffePrefix } from "../names/names.ts";
import { adsConfigSource, typed } from "./basics.ts";
import type { TransportSocket } from "./types.ts";

const socketName = "envoy.transport_sockets.tls";

/** ALPN by which a mesh's own TLS is told apart from an application's (dataplane-protocol.md section 7, PERMISSIVE). */
export const meshAlpn = "kuma";

export interface UpstreamTlsOptions {
  /** The mesh whose certificate the proxy shows. */
  readonly mesh: string;
  /** The mesh whose CA the server must have; `mesh` when absent. */
  readonly serverMesh?: string;
  /** Absent where the destination is not known: direct access. */
  readonly sni?: string;
  /** URI SANs of which the server must have one, exactly; none: any id of the mesh. */
  readonly serverIds: readonly string[];
}

/** TLS towards another proxy of the mesh (policies-envoy.md 0.6; tls.proto, UpstreamTlsContext). */
export function upstreamTlsSocket({ mesh, serverMesh = mesh, sni, serverIds }: UpstreamTlsOptions): TransportSocket {
  const matchers = serverIds.length > 0 ? serverIds.map((exact) => ({ exact })) : [{ prefix: meshSpiffePrefix(serverMesh) }];
  return {
    name: socketName,
    typedConfig: typed("envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext", {
      commonTlsContext: { ...commonTlsContext(mesh, serverMesh, matchers), alpnProtocols: [meshAlpn] },
      ...(sni !== undefined && { sni }),
    }),
  };
}

export interface DownstreamTlsOptions {
  readonly mesh: string;
  /** Envoy `TlsParameters` in proto JSON; absent: Envoy's defaults. */
  readonly params?: Readonly<Record<string, unknown>>;
}

/** TLS of an inbound: the client must show a certificate of the mesh (tls.proto, DownstreamTlsContext). */
export function downstreamTlsSocket({ mesh, params }: DownstreamTlsOptions): TransportSocket {
  return {
    name: socketName,
    typedConfig: typed("envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext", {
      commonTlsContext: {
        ...commonTlsContext(mesh, mesh, [{ prefix: meshSpiffePrefix(mesh) }]),
        ...(params && { tlsParams: params }),
      },
      requireClientCertificate: true,
    }),
  };
}

type StringMatcher = { readonly exact: string } | { readonly prefix: string };

function commonTlsContext(mesh: string, trustedMesh: string, uris: readonly StringMatcher[]): object {
  return {
    combinedValidationContext: {
      defaultValidationContext: { matchTypedSubjectAltNames: uris.map((matcher) => ({ sanType: "URI", matcher })) },
      validationContextSdsSecretConfig: { name: meshCaSecretName(trustedMesh), sdsConfig: adsConfigSource },
    },
    tlsCertificateSdsSecretConfigs: [{ name: identitySecretName(mesh), sdsConfig: adsConfigSource }],
  };
}

export interface StaticServerTlsOptions {
  readonly certificateChainPem: string;
  readonly privateKeyPem: string;
  /** CA of the client certificates. */
  readonly clientCaPem: string;
  /** DNS name that a client's certificate must have. */
  readonly clientDnsName: string;
}

/** TLS with certificates in the config itself: only for the admin listener, which must work when SDS does not. */
export function staticServerTlsSocket(options: StaticServerTlsOptions): TransportSocket {
  return {
    name: socketName,
    typedConfig: typed("envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext", {
      commonTlsContext: {
        tlsCertificates: [{ certificateChain: inline(options.certificateChainPem), privateKey: inline(options.privateKeyPem) }],
        validationContext: {
          trustedCa: inline(options.clientCaPem),
          matchTypedSubjectAltNames: [{ sanType: "DNS", matcher: { exact: options.clientDnsName } }],
        },
      },
      requireClientCertificate: true,
    }),
  };
}

function inline(pem: string): object {
  return { inlineBytes: Buffer.from(pem).toString("base64") };
}
