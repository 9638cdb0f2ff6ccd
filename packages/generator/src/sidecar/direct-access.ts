import { filterChain, passthroughCluster, socketAddress, tcpProxyFilter, typeUrls } from "@meridian/envoy";
import { compareText } from "@meridian/model";
import type { OwnResource } from "@meridian/policies";
import { isCrossMeshName } from "../view/cross-mesh.ts";
import type { DataplaneFacts } from "../view/dataplane-facts.ts";
import type { MeshFacts } from "../view/mesh-facts.ts";
import type { MeshView } from "../view/mesh-view.ts";
import { memberPrefixes, proxyTls, type ShownIdentity } from "./proxy-tls.ts";

const clusterName = "direct_access";
const origin = "direct-access";

/**
 * For workloads that speak to instances of a service by their own addresses, as databases do: such a connection keeps its destination and
 * gets the TLS of the mesh (reference: policies-envoy.md 0.8). `*` is every service. Instances of other zones cannot be reached so.
 */
export function directAccessResources(
  view: MeshView,
  mesh: MeshFacts,
  dataplane: DataplaneFacts,
  shown: ShownIdentity | undefined,
): readonly OwnResource[] {
  const places = directPlaces(view, mesh.name, dataplane);
  if (places.length === 0) return [];
  const own = proxyTls(view, mesh, shown);
  // Any proxy of the mesh may answer, and nobody else whom it believes.
  const tls = own && {
    mesh: mesh.name,
    serverIds: [],
    secrets: own.secrets,
    serverPrefixes: memberPrefixes(view, mesh) ?? own.peerPrefixes,
  };
  const cluster = passthroughCluster({ name: clusterName, ...(tls && { tls }) });
  return [...places.map(listener), { typeUrl: typeUrls.cluster, origin, json: cluster }];
}

interface Place {
  readonly address: string;
  readonly port: number;
}

/** Where instances of the wanted services listen, but for the proxy itself and what it has an outbound for already; sorted. */
function directPlaces(view: MeshView, mesh: string, dataplane: DataplaneFacts): readonly Place[] {
  const { directAccessServices: wanted = [] } = dataplane;
  if (wanted.length === 0) return [];
  // What is for other meshes is nobody's business here.
  const known = view.localServices().filter((each) => each.mesh === mesh && !isCrossMeshName(each.service));
  const services = wanted.includes("*") ? known.map(({ service }) => service) : wanted;
  const own = dataplane.inbounds.map(({ address, port }) => placeText({ address, port }));
  const taken = new Set([...own, ...dataplane.outbounds.items.map(placeText)]);
  const places = new Map<string, Place>();
  for (const service of new Set(services)) {
    for (const { address, port } of view.localEndpoints(mesh, service)) {
      const text = placeText({ address, port });
      if (!taken.has(text)) places.set(text, { address, port });
    }
  }
  return [...places].sort(([a], [b]) => compareText(a, b)).map(([, place]) => place);
}

function listener({ address, port }: Place): OwnResource {
  const name = `${clusterName}_${placeText({ address, port })}`;
  const filters = [tcpProxyFilter({ statPrefix: name, clusters: [{ cluster: clusterName, weight: 1 }] })];
  const json = {
    name,
    address: socketAddress(address, port),
    trafficDirection: "OUTBOUND",
    bindToPort: false,
    filterChains: [filterChain({ filters })],
  };
  return { typeUrl: typeUrls.listener, origin, json };
}

function placeText({ address, port }: Place): string {
  return `${address}:${port}`;
}
