import { type EncodedResource, type Endpoint, externalCluster, externalTlsSocket, typeUrls } from "@meridian/envoy";
import type { MeshExternalServiceSpec } from "@meridian/model";
import { having, notesOf, type OutboundTarget, originsOf, shapeChain, shapeCluster, shapeRoute } from "@meridian/policies";
import { baseTimeouts, withCircuitBreakers } from "../base-config.ts";
import { httpToOutside } from "../external/direct-cluster.ts";
import { externalNameTag, secretsOf } from "../external/external-tls.ts";
import type { GenerationContext, Part } from "../parts.ts";
import { realSubject } from "../sidecar/destination-subject.ts";
import { egressTls } from "../sidecar/proxy-tls.ts";
import { realSni } from "../sidecar/real-destination.ts";
import { egressEffects } from "./egress-effects.ts";
import { type OutsideTls, outsideTls } from "./mesh-external-tls.ts";
import { nobody, outsideChain } from "./outside-chain.ts";
import type { EgressPlace, ServedOutside } from "./outside-service.ts";
import type { MeshedPort } from "./served.ts";

/** The chain of a MeshExternalService. Who may use it is said by the mesh, for all of its proxies (reference: policies-envoy.md section 9). */
export function outsidePortChain(context: GenerationContext, found: MeshedPort, { ipv6Enabled }: EgressPlace): ServedOutside {
  const { mesh, port } = found;
  const { effects, target } = balanced(context, found);
  const shaping = having(effects, "route", "chain");
  const isForbidden = context.view.mesh(mesh)?.settings.routing?.defaultForbidMeshExternalServiceAccess === true;
  const name = port.clusterName;
  const chain = outsideChain({
    ...{ mesh, tls: egressTls(context.view, mesh), name, cluster: name, protocol: port.protocol, ipv6Enabled },
    serverName: realSni(mesh, found),
    permission: isForbidden ? nobody : undefined,
    shapeRoutes: (routes) => routes.map((route) => shapeRoute(route, shaping, target, [])),
  });
  return { chains: [shapeChain(chain, shaping, target)], origins: originsOf(shaping), notes: [] };
}

/** @param systemCa path of the CAs of the egress's host; undefined: unknown. */
export function outsidePortPart(found: MeshedPort, systemCa: string | undefined): Part {
  const { mesh, service, port } = found;
  return {
    key: `zone egress to ${port.clusterName} ${systemCa ?? ""}`,
    name: `zone egress, MeshExternalService ${service.name} of mesh ${mesh}`,
    generate(context) {
      const current = context.view.service(mesh, service.kind, service.name);
      if (!current) return { resources: [], endpoints: [] };
      const { effects, target } = balanced(context, { ...found, service: current });
      const notes = notesOf(effects);
      const resource = outsidePortCluster(context, { found: { ...found, service: current }, systemCa, target, effects });
      return { resources: [resource], endpoints: [], ...(notes.length > 0 && { notes }) };
    },
  };
}

interface ClusterOptions extends ReturnType<typeof balanced> {
  readonly found: MeshedPort;
  readonly systemCa: string | undefined;
}

function outsidePortCluster({ encoder }: GenerationContext, options: ClusterOptions): EncodedResource {
  const { found, systemCa, target, effects } = options;
  const { mesh, service, port } = found;
  const { endpoints = [], tls } = service.resource.spec as MeshExternalServiceSpec;
  const hosts = [...new Set(endpoints.map(({ address }) => address))];
  const sockets: readonly OutsideTls[] = tls?.enabled ? outsideTls({ mesh, name: service.name, tls, hosts, systemCa }) : [];
  const needsMatch = sockets.length > 1;
  const [only] = sockets;
  const shaping = having(effects, "cluster");
  const cluster = externalCluster({
    name: port.clusterName,
    connectTimeoutMs: baseTimeouts.connectTimeoutMs,
    ...httpToOutside(port.protocol),
    endpoints: placed(endpoints, needsMatch),
    ...(only && !needsMatch && { socket: externalTlsSocket(only.options) }),
    ...(needsMatch && {
      socketMatches: sockets.map(({ host, options: each }) => ({
        ...{ name: host, tags: { [externalNameTag]: host } },
        socket: externalTlsSocket(each),
      })),
    }),
  });
  const secrets = [...new Set(sockets.flatMap(({ options: each }) => secretsOf(each)))];
  return encoder.share({
    typeUrl: typeUrls.cluster,
    inputs: ["outside port", cluster, shaping.map(({ kind, decision }) => [kind, decision.conf]), target.protocol],
    origins: originsOf(shaping),
    secrets,
    build: () => shapeCluster(withCircuitBreakers(cluster), shaping, target),
  });
}

type Endpoints = NonNullable<MeshExternalServiceSpec["endpoints"]>;

/** Priorities have no gaps (endpoint_components.proto); the sub-zone tells the user's own number. */
function placed(endpoints: Endpoints, needsMatch: boolean): readonly Endpoint[] {
  const used = [...new Set(endpoints.map(({ priority = 0 }) => priority))].sort((a, b) => a - b);
  return endpoints.map(({ address, port, priority = 0 }) => ({
    ...{ address, port, priority: used.indexOf(priority), subZone: `priority-${priority}` },
    ...(needsMatch && { tags: { [externalNameTag]: address }, matchesTransportSocket: true }),
  }));
}

function balanced(context: GenerationContext, { mesh, service, port }: MeshedPort) {
  const outbound = realSubject({ service, port });
  const { tags, protocol } = outbound;
  const target: OutboundTarget = { mesh, zone: context.view.zone, service: port.clusterName, tags, protocol };
  return { effects: egressEffects(context, mesh, outbound), target };
}
