import { isIP } from "node:net";
import { stringify } from "yaml";
import { durationFromMs, pipeAddress, socketAddress, typed } from "./builders/basics.ts";
import { httpProtocolOptions } from "./builders/http-protocol-options.ts";
import type { Address } from "./builders/types.ts";

export interface BootstrapOptions {
  readonly node: {
    /** `<mesh>.<name>`; `.<name>` for zone proxies. */
    readonly id: string;
    readonly cluster: string;
    readonly metadata: Readonly<Record<string, unknown>>;
  };
  /** A pipe is safer: any local user could reach a port. */
  readonly admin: { readonly socketPath: string } | { readonly address: string; readonly port: number };
  readonly controlPlane: {
    readonly host: string;
    readonly port: number;
    /** PEM. Absent: the server is not checked, which only tests may want. */
    readonly caPem?: string;
    /** The proxy asked for incremental ADS (`feature-delta-grpc`). */
    readonly delta: boolean;
  };
  /**
   * Absent: no authentication. A file is read again whenever it changes, so tokens can be replaced; `secretFile` holds the answer of a
   * secret discovery with the generic secret `token`, and is moved into place by whoever runs Envoy.
   */
  readonly token?: { readonly value: string } | { readonly file: string } | { readonly secretFile: string };
  /** Unix socket that TCP access logs are sent to; "" or absent: none. */
  readonly accessLogSocketPath?: string;
  /** Ask for health checks of the workload over HDS; only of sidecars. */
  readonly healthDiscovery?: boolean;
  /** Overload manager of built-in gateways. */
  readonly gateway?: { readonly maxHeapSizeBytes?: number };
}

/**
 * What Envoy needs to start: who it is and where its config comes from (dataplane-protocol.md section 3). The result is a
 * `envoy.config.bootstrap.v3.Bootstrap` in proto3 JSON and holds the proxy's token: keep it out of logs.
 */
export function buildBootstrap(options: BootstrapOptions): Readonly<Record<string, unknown>> {
  const { node, controlPlane, token } = options;
  const usesTokenFile = token !== undefined && "file" in token;
  const grpcService = usesTokenFile
    ? googleGrpcService(controlPlane, token.file)
    : envoyGrpcService(token && "value" in token ? token.value : undefined);
  const ads = {
    apiType: controlPlane.delta ? "DELTA_GRPC" : "GRPC",
    transportApiVersion: "V3",
    setNodeOnFirstMessageOnly: true,
    grpcServices: [grpcService],
  };
  const fromAds = { ads: {}, initialFetchTimeout: "0s", resourceApiVersion: "V3" };
  return {
    node: { id: node.id, cluster: node.cluster, metadata: node.metadata },
    admin: { address: adminAddress(options.admin), accessLog: [adminAccessLog] },
    dynamicResources: { ldsConfig: fromAds, cdsConfig: fromAds, adsConfig: ads },
    ...(options.healthDiscovery && { hdsConfig: { ...ads, apiType: "GRPC" } }),
    staticResources: {
      clusters: [
        ...(options.accessLogSocketPath ? [accessLogCluster(options.accessLogSocketPath)] : []),
        ...(usesTokenFile
          ? []
          : [adsCluster(controlPlane, token && "secretFile" in token ? [tokenInjector(token.secretFile)] : [])]),
      ],
      ...(controlPlane.caPem !== undefined && { secrets: [validationSecret(controlPlane.host, controlPlane.caPem)] }),
    },
    layeredRuntime: { layers: [runtimeLayer] },
    statsConfig: { statsTags },
    defaultRegexEngine: {
      name: "envoy.regex_engines.google_re2",
      typedConfig: typed("envoy.extensions.regex_engines.v3.GoogleRE2"),
    },
    ...(options.gateway && { overloadManager: overloadManager(options.gateway.maxHeapSizeBytes) }),
  };
}

/** Every string is quoted: Envoy's YAML reader takes a bare `on` or `no` for a boolean. */
export function renderBootstrap(bootstrap: Readonly<Record<string, unknown>>): string {
  return stringify(bootstrap, {
    defaultStringType: "QUOTE_DOUBLE",
    defaultKeyType: "PLAIN",
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
}

type ControlPlane = BootstrapOptions["controlPlane"];

const adsClusterName = "ads_cluster";
const validationSecretName = "cp_validation_ctx";

function adminAddress(admin: BootstrapOptions["admin"]): Address {
  return "socketPath" in admin ? pipeAddress(admin.socketPath, 0o600) : socketAddress(admin.address, admin.port);
}

const adminAccessLog = {
  name: "envoy.access_loggers.file",
  typedConfig: typed("envoy.extensions.access_loggers.file.v3.FileAccessLog", { path: "/dev/null" }),
};

/**
 * Between attempts to reach a control plane that is away. Envoy's own limit is 30 s (grpc_service.proto, EnvoyGrpc.retry_policy): a
 * restart of a second would leave proxies with old config for half a minute. The waits are random, so that proxies do not come at once.
 */
const reconnectBackOff = { baseInterval: durationFromMs(250), maxInterval: durationFromMs(2_000) };

function envoyGrpcService(token: string | undefined): object {
  return {
    envoyGrpc: { clusterName: adsClusterName, retryPolicy: { retryBackOff: reconnectBackOff } },
    // Raw, without "Bearer": what the peer's control plane and ours read.
    ...(token && { initialMetadata: [{ key: "authorization", value: token }] }),
  };
}

/** The only gRPC client of Envoy that reads its token from a file again and again (file_based_metadata.proto). */
function googleGrpcService({ host, port, caPem }: ControlPlane, tokenFile: string): object {
  const credentialsName = "envoy.grpc_credentials.file_based_metadata";
  return {
    googleGrpc: {
      targetUri: isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`,
      statPrefix: "ads",
      credentialsFactoryName: credentialsName,
      channelCredentials: { sslCredentials: caPem === undefined ? {} : { rootCerts: { inlineString: caPem } } },
      callCredentials: [
        {
          fromPlugin: {
            name: credentialsName,
            typedConfig: typed("envoy.config.grpc_credential.v3.FileBasedMetadataConfig", {
              secretData: { filename: tokenFile },
            }),
          },
        },
      ],
      channelArgs: {
        args: {
          "grpc.keepalive_time_ms": { intValue: 10_000 },
          "grpc.keepalive_timeout_ms": { intValue: 30_000 },
          "grpc.http2.max_pings_without_data": { intValue: 0 },
          "grpc.max_receive_message_length": { intValue: 4_194_304 },
          "grpc.initial_reconnect_backoff_ms": { intValue: 250 },
          "grpc.max_reconnect_backoff_ms": { intValue: 2_000 },
        },
      },
    },
  };
}

/**
 * Puts the token of a file into the header that the control plane reads, raw as in `envoyGrpcService`, on each new stream
 * (credential_injector.proto).
 */
function tokenInjector(secretFile: string): object {
  const sdsConfig = { pathConfigSource: { path: secretFile }, resourceApiVersion: "V3" };
  const credential = typed("envoy.extensions.http.injected_credentials.generic.v3.Generic", {
    credential: { name: "token", sdsConfig },
    header: "authorization",
  });
  return {
    name: "envoy.filters.http.credential_injector",
    typedConfig: typed("envoy.extensions.filters.http.credential_injector.v3.CredentialInjector", {
      overwrite: true,
      credential: { name: "envoy.http.injected_credentials.generic", typedConfig: credential },
    }),
  };
}

function adsCluster({ host, port, caPem }: ControlPlane, httpFilters: readonly object[]): object {
  const tls = {
    name: "envoy.transport_sockets.tls",
    typedConfig: typed("envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext", {
      commonTlsContext: {
        tlsParams: { tlsMinimumProtocolVersion: "TLSv1_2" },
        ...(caPem !== undefined && { validationContextSdsSecretConfig: { name: validationSecretName } }),
      },
      sni: host,
    }),
  };
  return {
    name: adsClusterName,
    type: isIP(host) === 0 ? "STRICT_DNS" : "STATIC",
    lbPolicy: "ROUND_ROBIN",
    connectTimeout: durationFromMs(1_000),
    typedExtensionProtocolOptions: httpProtocolOptions({ version: "http2", httpFilters }),
    upstreamConnectionOptions: { tcpKeepalive: { keepaliveProbes: 3, keepaliveTime: 10, keepaliveInterval: 10 } },
    transportSocket: tls,
    loadAssignment: endpointOf(adsClusterName, socketAddress(host, port)),
  };
}

function accessLogCluster(path: string): object {
  const name = "access_log_sink";
  return {
    name,
    type: "STATIC",
    lbPolicy: "ROUND_ROBIN",
    connectTimeout: durationFromMs(5_000),
    typedExtensionProtocolOptions: httpProtocolOptions({ version: "http2" }),
    loadAssignment: endpointOf(name, pipeAddress(path)),
  };
}

function endpointOf(clusterName: string, address: Address): object {
  return { clusterName, endpoints: [{ lbEndpoints: [{ endpoint: { address } }] }] };
}

function validationSecret(host: string, caPem: string): object {
  return {
    name: validationSecretName,
    validationContext: {
      trustedCa: { inlineBytes: Buffer.from(caPem).toString("base64") },
      matchTypedSubjectAltNames: ["DNS", "IP_ADDRESS"].map((sanType) => ({ sanType, matcher: { exact: host } })),
    },
  };
}

/** The peer gives gateways another one, for limits of connections; here those are in the listeners themselves. */
const runtimeLayer = {
  name: "kuma",
  staticLayer: { "re2.max_program_size.error_level": 4_294_967_295, "re2.max_program_size.warn_level": 1_000 },
};

/** Labels that Envoy's Prometheus output gets from its metric names. */
const statsTags = [
  { tagName: "name", regex: "^grpc\\.((.+)\\.)" },
  { tagName: "status", regex: "^grpc.*streams_closed(_([0-9]+))" },
  { tagName: "kafka_name", regex: "^kafka(\\.(\\S*[0-9]))\\." },
  { tagName: "kafka_type", regex: "^kafka\\..*\\.(.*?(?=_duration|$))" },
  { tagName: "worker", regex: "(worker_([0-9]+)\\.)" },
  { tagName: "listener", regex: "((.+?)\\.)rbac\\." },
];

function overloadManager(maxHeapSizeBytes = 0): object {
  const connections = {
    name: "envoy.resource_monitors.global_downstream_max_connections",
    typedConfig: typed("envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig", {
      maxActiveDownstreamConnections: "50000",
    }),
  };
  if (maxHeapSizeBytes <= 0) return { refreshInterval: durationFromMs(250), resourceMonitors: [connections] };
  const heap = {
    name: "envoy.resource_monitors.fixed_heap",
    typedConfig: typed("envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig", {
      maxHeapSizeBytes: String(maxHeapSizeBytes),
    }),
  };
  return {
    refreshInterval: durationFromMs(250),
    resourceMonitors: [connections, heap],
    actions: [
      heapAction("envoy.overload_actions.shrink_heap", 0.95),
      heapAction("envoy.overload_actions.stop_accepting_requests", 0.98),
    ],
  };
}

function heapAction(name: string, value: number): object {
  return { name, triggers: [{ name: "envoy.resource_monitors.fixed_heap", threshold: { value } }] };
}
