import { type FilterChain, filterChain, serverNameMatch, tcpProxyFilter, typeUrls, zoneCluster } from "@meridian/envoy";
import { baseTimeouts, withCircuitBreakers } from "../base-config.ts";
import type { GenerationContext, Part, PartResources } from "../parts.ts";
import { hasIdentities } from "../sidecar/proxy-tls.ts";
import { realSni } from "../sidecar/real-destination.ts";
import type { MeshedService, MeshView } from "../view/mesh-view.ts";
import type { ServicePortFacts } from "../view/service-facts.ts";

/** A port of a real service behind the ingress. */
export interface ServedPort extends MeshedService {
  readonly port: ServicePortFacts;
  /** By which clients ask for it. */
  readonly serverName: string;
}

/**
 * MeshServices of this zone, and what joins several: whoever asks for one of these here means its members here. Each server name
 * once: Envoy refuses a listener that has one twice, in whatever case.
 */
export function servedPorts(view: MeshView): readonly ServedPort[] {
  const byName = new Map<string, ServedPort>();
  for (const { mesh, service } of view.servicesBehindIngress()) {
    if (!hasIdentities(view, mesh)) continue;
    for (const port of service.ports) {
      const serverName = realSni(mesh, { service, port });
      const key = serverName.toLowerCase();
      if (!byName.has(key)) byName.set(key, { mesh, service, port, serverName });
    }
  }
  return [...byName.values()];
}

/** @param more names by which clients may ask, too. */
export function servedPortChain({ serverName }: ServedPort, cluster: string, ...more: readonly string[]): FilterChain {
  const filter = tcpProxyFilter({ statPrefix: cluster, clusters: [{ cluster, weight: 1 }] });
  return filterChain({ match: serverNameMatch(serverName, ...more), filters: [filter] });
}

export function servedPortPart({ mesh, service: { kind, name }, port: { port } }: ServedPort, cluster: string): Part {
  const endpoints = {
    ...{ name: cluster, mesh, service: cluster, tags: {} },
    ...{ backend: { kind, name, port }, seenFrom: "ingress" as const },
  };
  return {
    key: `zone ingress ${cluster} ${kind}/${name}`,
    name: `zone ingress, port ${port} of ${kind} ${name} of mesh ${mesh}`,
    generate: (context) => ({ resources: clusterOf(context, cluster), endpoints: [endpoints] }),
  };
}

function clusterOf({ encoder }: GenerationContext, name: string): PartResources["resources"] {
  const cluster = zoneCluster({ name, connectTimeoutMs: baseTimeouts.connectTimeoutMs, subsetKeys: [] });
  return [encoder.encode(typeUrls.cluster, withCircuitBreakers(cluster), [])];
}
