export { type BootstrapOptions, buildBootstrap, renderBootstrap } from "./bootstrap.ts";
export {
  type AdminListenerOptions,
  adminCluster,
  adminListener,
  adminName,
  readinessCluster,
  readinessName,
} from "./builders/admin-listener.ts";
export { adsConfigSource, durationFromMs, pipeAddress, socketAddress, typed } from "./builders/basics.ts";
export {
  defaultConnectTimeoutMs,
  defaultLocalConnectTimeoutMs,
  type EdsClusterOptions,
  edsCluster,
  type PassthroughClusterOptions,
  passthroughCluster,
  type StaticClusterOptions,
  staticCluster,
  transparentSourceAddress,
  type ZoneClusterOptions,
  zoneCluster,
} from "./builders/clusters.ts";
export { type DnsListenerOptions, type DnsRecord, dnsListener, dnsListenerName } from "./builders/dns-listener.ts";
export { type DynamicConfigOptions, dynamicConfigListener, dynamicConfigName } from "./builders/dynamic-config.ts";
export { clusterLoadAssignment, type Endpoint } from "./builders/endpoints.ts";
export { type ExternalClusterOptions, externalCluster, type TransportSocketMatch } from "./builders/external-cluster.ts";
export { type ExternalTlsOptions, externalTlsSocket, type SubjectAltName } from "./builders/external-tls.ts";
export {
  certificateTlsSocket,
  compressorFilter,
  connectionLimitFilter,
  edgeManagerFields,
  type GatewayListenerOptions,
  gatewayBufferLimitBytes,
  gatewayListener,
} from "./builders/gateway.ts";
export { type HostClusterOptions, hostCluster } from "./builders/host-cluster.ts";
export {
  egressHttpConnectionManager,
  grpcStatsFilter,
  type InboundHttpOptions,
  inboundHttpConnectionManager,
  outboundHttpConnectionManager,
} from "./builders/http-connection-manager.ts";
export { type HttpProtocolOptions, httpProtocolOptions } from "./builders/http-protocol-options.ts";
export { forwardPath, type InternalHttpOptions, internalHttp } from "./builders/internal-http.ts";
export {
  anyTlsMatch,
  type FilterChainOptions,
  filterChain,
  type InboundListenerOptions,
  inboundListener,
  type ListenerOptions,
  meshTlsMatch,
  outboundListener,
  plainTextMatch,
  serverNameMatch,
  tlsInspector,
} from "./builders/listeners.ts";
export {
  type MetricsListenerOptions,
  type MetricsSecurity,
  metricsCluster,
  metricsListener,
} from "./builders/metrics-listener.ts";
export { directResponseFilter, kafkaBrokerFilter, type TcpProxyOptions, tcpProxyFilter } from "./builders/network-filters.ts";
export { denyAll, httpRbacFilter, networkRbacFilter, type RbacRules } from "./builders/rbac.ts";
export {
  egressRouteConfiguration,
  inboundRouteConfiguration,
  outboundRouteConfiguration,
  routeToClusters,
  type ServiceRoutesOptions,
  type WeightedCluster,
} from "./builders/routes.ts";
export {
  spiffeTrustSecret,
  type TlsCertificateSecretOptions,
  type TrustBundle,
  tlsCertificateSecret,
  type ValidationContextSecretOptions,
  validationContextSecret,
} from "./builders/secrets.ts";
export { type SpireAgentOptions, spireAgentCluster } from "./builders/spire-agent.ts";
export {
  type DownstreamTlsOptions,
  downstreamTlsSocket,
  meshAlpn,
  type TlsSecrets,
  type UpstreamTlsOptions,
  upstreamTlsSocket,
} from "./builders/tls.ts";
export type {
  Address,
  Cluster,
  ClusterLoadAssignment,
  Duration,
  Filter,
  FilterChain,
  FilterChainMatch,
  Listener,
  LocalityEndpoints,
  Metadata,
  Route,
  RouteConfiguration,
  Secret,
  TransportSocket,
  TypedConfig,
  VirtualHost,
} from "./builders/types.ts";
export { decodeMessage, encodeMessage, knowsType } from "./codec/codec.ts";
export {
  type DeltaRequest,
  type DeltaResponseOptions,
  type DiscoveryNode,
  decodeDeltaRequest,
  decodeDiscoveryRequest,
  deltaResponseBody,
  discoveryResponseBody,
  type StateOfTheWorldRequest,
  type StateOfTheWorldResponseOptions,
  withNonce,
} from "./codec/discovery.ts";
export { EncodeError, UnknownTypeError } from "./codec/errors.ts";
export type { ProtoJsonObject } from "./codec/json.ts";
export { encodeResource } from "./codec/resource.ts";
export {
  type EncodedResource,
  type ProxyPatch,
  type ProxyResources,
  type ResourceName,
  type TypeUrl,
  typeUrls,
} from "./encoded.ts";
export {
  type GatewayCertificate,
  gatewayCertificateName,
  gatewayClusterName,
  gatewayListenerName,
  gatewayRouteName,
  parseGatewayCertificateName,
} from "./names/gateway-names.ts";
export {
  meshOfTrustBundle,
  spireAgentClusterName,
  spireTrustSecretName,
  trustBundleNameOf,
  trustBundleSecretName,
  trustDomainPrefix,
} from "./names/identity-names.ts";
export {
  allMeshesCaName,
  dataPlaneSocket,
  defaultRouteMatches,
  egressLocality,
  httpRouteName,
  identitySecretName,
  inboundListenerName,
  inboundRouteName,
  isEgressLocality,
  localClusterName,
  meshCaSecretName,
  meshSpiffePrefix,
  outboundClusterName,
  outboundListenerName,
  outboundRouteName,
  type RouteNameMatch,
  type ServicePortName,
  serviceClusterName,
  serviceSpiffeId,
  tagsHash,
  tagUri,
  zoneClusterName,
  zoneEgressService,
} from "./names/names.ts";
export { type ExternalSecret, externalSecretName, parseExternalSecretName } from "./names/secret-names.ts";
export { type HashSniOptions, hashSni, type KriSniOptions, kriSni, parseTagSni, tagSni } from "./names/sni.ts";
export { altStatName, statName } from "./names/stat-name.ts";
