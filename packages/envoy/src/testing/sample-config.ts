import { adminCluster, adminListener, readinessCluster } from "../builders/admin-listener.ts";
import { pipeAddress, socketAddress } from "../builders/basics.ts";
import { edsCluster, passthroughCluster, staticCluster, transparentSourceAddress, zoneCluster } from "../builders/clusters.ts";
import { clusterLoadAssignment } from "../builders/endpoints.ts";
import {
  grpcStatsFilter,
  inboundHttpConnectionManager,
  outboundHttpConnectionManager,
} from "../builders/http-connection-manager.ts";
import {
  anyTlsMatch,
  filterChain,
  inboundListener,
  meshTlsMatch,
  outboundListener,
  plainTextMatch,
  serverNameMatch,
  tlsInspector,
} from "../builders/listeners.ts";
import { directResponseFilter, tcpProxyFilter } from "../builders/network-filters.ts";
import { denyAll, httpRbacFilter, networkRbacFilter } from "../builders/rbac.ts";
import { inboundRouteConfiguration, outboundRouteConfiguration, routeToClusters } from "../builders/routes.ts";
import { tlsCertificateSecret, validationContextSecret } from "../builders/secrets.ts";
import { downstreamTlsSocket } from "../builders/tls.ts";
import { type TypeUrl, typeUrls } from "../encoded.ts";
import {
  defaultRouteMatches,
  httpRouteName,
  inboundRouteName,
  localClusterName,
  outboundClusterName,
  outboundRouteName,
  serviceSpiffeId,
  zoneClusterName,
} from "../names/names.ts";
import { tagSni } from "../names/sni.ts";

const tags = { "kuma.io/service": "web", "kuma.io/protocol": "http" };

const split = [
  { cluster: outboundClusterName({ "kuma.io/service": "backend", version: "v1" }), weight: 90 },
  { cluster: outboundClusterName({ "kuma.io/service": "backend", version: "v2" }), weight: 10 },
];

/** Every builder once, as a sidecar of `web` and a zone ingress would use it. For the golden and the real Envoy test. */
export const sampleResources: Readonly<Record<string, { readonly typeUrl: TypeUrl; readonly json: object }>> = {
  "inbound-http-strict": { typeUrl: typeUrls.listener, json: inboundHttpStrict() },
  "inbound-tcp-permissive": { typeUrl: typeUrls.listener, json: inboundTcpPermissive() },
  "outbound-grpc-split": { typeUrl: typeUrls.listener, json: outboundGrpcSplit() },
  "outbound-tcp-split": { typeUrl: typeUrls.listener, json: outboundTcpSplit() },
  "ingress-listener": { typeUrl: typeUrls.listener, json: ingressListener() },
  "ingress-listener-empty": { typeUrl: typeUrls.listener, json: emptyIngressListener() },
  "admin-listener": { typeUrl: typeUrls.listener, json: adminListener({ address: "127.0.0.2", port: 19901 }) },
  "admin-cluster": { typeUrl: typeUrls.cluster, json: adminCluster(pipeAddress("kuma-envoy-admin.sock")) },
  "readiness-cluster": { typeUrl: typeUrls.cluster, json: readinessCluster(socketAddress("127.0.0.1", 9902)) },
  "local-cluster-http": { typeUrl: typeUrls.cluster, json: localCluster(8080, "http1") },
  "local-cluster-tcp": { typeUrl: typeUrls.cluster, json: localCluster(5432) },
  "outbound-cluster": { typeUrl: typeUrls.cluster, json: outboundCluster({ "kuma.io/service": "backend" }) },
  "outbound-cluster-v1": { typeUrl: typeUrls.cluster, json: outboundCluster({ "kuma.io/service": "backend", version: "v1" }) },
  "outbound-cluster-v2": { typeUrl: typeUrls.cluster, json: outboundCluster({ "kuma.io/service": "backend", version: "v2" }) },
  "passthrough-cluster": {
    typeUrl: typeUrls.cluster,
    json: passthroughCluster({ name: "inbound:passthrough:ipv4", sourceAddress: transparentSourceAddress("10.0.0.1") }),
  },
  "direct-access-cluster": {
    typeUrl: typeUrls.cluster,
    json: passthroughCluster({ name: "direct_access", tls: { mesh: "default", serverIds: [] } }),
  },
  "ingress-cluster": {
    typeUrl: typeUrls.cluster,
    json: zoneCluster({
      name: zoneClusterName("default", "backend"),
      subsetKeys: [[], ["version"], ["version", "kuma.io/zone"]],
    }),
  },
  endpoints: { typeUrl: typeUrls.endpoint, json: endpoints() },
  "identity-secret": {
    typeUrl: typeUrls.secret,
    json: tlsCertificateSecret({ name: "identity_cert:secret:default", certificateChain: "CHAIN", privateKey: "KEY" }),
  },
  "ca-secret": { typeUrl: typeUrls.secret, json: validationContextSecret({ name: "mesh_ca:secret:default", trustedCa: "CA" }) },
};

function inboundHttpStrict(): object {
  const cluster = localClusterName(8080);
  const routeConfig = inboundRouteConfiguration({
    name: inboundRouteName("web"),
    virtualHost: "web",
    routes: [routeToClusters({ match: { prefix: "/" }, route: { timeout: "0s" } }, [{ cluster, weight: 1 }])],
  });
  const filter = inboundHttpConnectionManager({ statPrefix: cluster, routeConfig, httpFilters: [httpRbacFilter(denyAll)] });
  const chain = filterChain({ filters: [filter], transportSocket: downstreamTlsSocket({ mesh: "default" }) });
  return inboundListener({ address: "127.0.0.1", port: 18080, tags, filterChains: [chain], reusePort: true });
}

function inboundTcpPermissive(): object {
  const proxy = tcpProxyFilter({
    statPrefix: localClusterName(5432),
    clusters: [{ cluster: localClusterName(5432), weight: 1 }],
    idleTimeoutMs: 7_200_000,
  });
  const rbac = networkRbacFilter("inbound:127.0.0.1:15432", {
    rules: {
      policies: {
        any: {
          permissions: [{ any: true }],
          principals: [{ authenticated: { principalName: { exact: serviceSpiffeId("default", "frontend") } } }],
        },
      },
    },
  });
  return inboundListener({
    address: "127.0.0.1",
    port: 15432,
    tags: { "kuma.io/service": "db" },
    listenerFilters: [tlsInspector],
    filterChains: [
      filterChain({ match: plainTextMatch, filters: [proxy] }),
      filterChain({ match: anyTlsMatch, filters: [proxy] }),
      filterChain({ match: meshTlsMatch, filters: [rbac, proxy], transportSocket: downstreamTlsSocket({ mesh: "default" }) }),
    ],
    bindToPort: false,
  });
}

function outboundGrpcSplit(): object {
  const routeConfig = outboundRouteConfiguration({
    name: outboundRouteName("backend"),
    virtualHost: "backend",
    routes: [
      routeToClusters({ name: httpRouteName(defaultRouteMatches), match: { prefix: "/" }, route: { timeout: "0s" } }, split),
    ],
  });
  const filter = outboundHttpConnectionManager({
    statPrefix: "backend",
    routeConfig,
    httpFilters: [grpcStatsFilter],
    ipv6Enabled: false,
  });
  return outboundListener({
    address: "127.0.0.1",
    port: 10001,
    tags: { "kuma.io/service": "backend" },
    filterChains: [filterChain({ filters: [filter] })],
  });
}

function outboundTcpSplit(): object {
  return outboundListener({
    address: "127.0.0.1",
    port: 10002,
    tags: { "kuma.io/service": "backend" },
    filterChains: [filterChain({ filters: [tcpProxyFilter({ statPrefix: "backend", clusters: split })] })],
  });
}

function ingressListener(): object {
  const cluster = zoneClusterName("default", "backend");
  const chain = (subset: Readonly<Record<string, string>>) =>
    filterChain({
      match: serverNameMatch(tagSni({ "kuma.io/service": "backend", ...subset }, "default")),
      filters: [tcpProxyFilter({ statPrefix: cluster, clusters: [{ cluster, weight: 1 }], subset })],
    });
  return inboundListener({
    address: "127.0.0.1",
    port: 10010,
    tags: {},
    listenerFilters: [tlsInspector],
    filterChains: [chain({}), chain({ version: "v1" })],
  });
}

function emptyIngressListener(): object {
  const filters = [directResponseFilter(JSON.stringify({ proxy: ".ingress-a", zone: "east" }))];
  return inboundListener({ address: "127.0.0.1", port: 10011, tags: {}, filterChains: [filterChain({ filters })] });
}

function localCluster(port: number, version?: "http1" | "http2"): object {
  return staticCluster({
    name: localClusterName(port),
    endpoints: [socketAddress("127.0.0.1", port)],
    ...(version && { http: { version, idleTimeoutMs: 7_200_000 } }),
  });
}

function outboundCluster(destination: Readonly<Record<string, string>>): object {
  return edsCluster({
    name: outboundClusterName(destination),
    http: { version: "http2" },
    tls: { mesh: "default", sni: tagSni(destination, "default"), serverIds: [serviceSpiffeId("default", "backend")] },
  });
}

function endpoints(): object {
  return clusterLoadAssignment("backend", [
    {
      address: "10.0.0.2",
      port: 80,
      zone: "west",
      priority: 1,
      weight: 3,
      tags: { "kuma.io/service": "backend", "kuma.io/zone": "west" },
    },
    { address: "10.0.0.1", port: 81, zone: "east", tags: { "kuma.io/zone": "east", version: "v2" }, labels: { team: "a" } },
    { address: "10.0.0.1", port: 80, zone: "east", tags: { "kuma.io/zone": "east", version: "v1" } },
    { address: "10.0.0.9", port: 80 },
  ]);
}
