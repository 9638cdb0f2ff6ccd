import { identitySecretName, meshCaSecretName, meshSpiffePrefix } from "../names/names.ts";
import { adsConfigSource, grpcConfigSource, typed } from "./basics.ts";
import type { TransportSocket } from "./types.ts";

const socketName = "envoy.transport_sockets.tls";

/** ALPN by which a mesh's own TLS is told apart from an application's (dataplane-protocol.md section 7, PERMISSIVE). */
export const meshAlpn = "kuma";

/** Where a proxy finds its certificate and whom it believes, in place of what the mesh's own CA gives. */
export interface TlsSecrets {
  /** SDS name. */
  readonly certificate: string;
  /** SDS name. */
  readonly trust: string;
  /** The cluster of an agent that serves both over gRPC; absent: the control plane does. */
  readonly servedBy?: string;
}

export interface UpstreamTlsOptions {
  /** The mesh whose certificate the proxy shows. */
  readonly mesh: string;
  /** Absent: those of the mesh's CA. */
  readonly secrets?: TlsSecrets;
  /** The mesh whose CA the server must have; `mesh` when absent. */
  readonly serverMesh?: string;
  /** Absent where the destination is not known: direct access. */
  readonly sni?: string;
  /** URI SANs of which the server must have one, exactly; none: any that starts with one of `serverPrefixes`. */
  readonly serverIds: readonly string[];
  /** Absent: what ids of the mesh start with. */
  readonly serverPrefixes?: readonly string[];
}

/** TLS towards another proxy of the mesh (policies-envoy.md 0.6; tls.proto, UpstreamTlsContext). */
export function upstreamTlsSocket(options: UpstreamTlsOptions): TransportSocket {
  const { mesh, serverMesh = mesh, sni, serverIds, secrets = meshSecrets(mesh, serverMesh) } = options;
  const { serverPrefixes = [meshSpiffePrefix(serverMesh)] } = options;
  const matchers = serverIds.length > 0 ? serverIds.map((exact) => ({ exact })) : serverPrefixes.map((prefix) => ({ prefix }));
  return {
    name: socketName,
    typedConfig: typed("envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext", {
      commonTlsContext: { ...commonTlsContext(secrets, matchers), alpnProtocols: [meshAlpn] },
      ...(sni !== undefined && { sni }),
    }),
  };
}

export interface DownstreamTlsOptions {
  readonly mesh: string;
  /** Absent: those of the mesh's CA. */
  readonly secrets?: TlsSecrets;
  /** What the SPIFFE ids of clients may start with; absent: ids of the mesh. None: whoever the trust is good for. */
  readonly clientPrefixes?: readonly string[];
  /** Envoy `TlsParameters` in proto JSON; absent: Envoy's defaults. */
  readonly params?: Readonly<Record<string, unknown>>;
}

/** TLS of an inbound: the client must show a certificate of the mesh (tls.proto, DownstreamTlsContext). */
export function downstreamTlsSocket(options: DownstreamTlsOptions): TransportSocket {
  const { mesh, params, secrets = meshSecrets(mesh, mesh), clientPrefixes = [meshSpiffePrefix(mesh)] } = options;
  const matchers = clientPrefixes.map((prefix) => ({ prefix }));
  return {
    name: socketName,
    typedConfig: typed("envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext", {
      commonTlsContext: {
        ...commonTlsContext(secrets, matchers),
        ...(params && { tlsParams: params }),
      },
      requireClientCertificate: true,
    }),
  };
}

type StringMatcher = { readonly exact: string } | { readonly prefix: string };

function meshSecrets(mesh: string, trustedMesh: string): TlsSecrets {
  return { certificate: identitySecretName(mesh), trust: meshCaSecretName(trustedMesh) };
}

function commonTlsContext({ certificate, trust, servedBy }: TlsSecrets, uris: readonly StringMatcher[]): object {
  const sdsConfig = servedBy === undefined ? adsConfigSource : grpcConfigSource(servedBy);
  return {
    combinedValidationContext: {
      defaultValidationContext: { matchTypedSubjectAltNames: uris.map((matcher) => ({ sanType: "URI", matcher })) },
      validationContextSdsSecretConfig: { name: trust, sdsConfig },
    },
    tlsCertificateSdsSecretConfigs: [{ name: certificate, sdsConfig }],
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
