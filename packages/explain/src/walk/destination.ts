import { typeUrls } from "@meridian/envoy";
import type { ClusterEndpoint } from "../envoy/endpoints.ts";
import { arrivalOf } from "../envoy/listeners.ts";
import { endpointReason } from "../told/endpoint-reason.ts";
import type { ExplainedDestination, ExplainedEndpoint } from "../types.ts";
import type { ZoneWorld } from "../worlds/zone-world.ts";
import { configOfClient, type Journey } from "./client.ts";
import { type Hop, hopEndpoints, leavesMesh } from "./hop.ts";
import { leftOutOf } from "./left-out.ts";
import { beyondMesh, mayBeBeyondMesh } from "./other-mesh.ts";
import { Outside } from "./outside.ts";
import { Reached } from "./reached.ts";
import type { Target } from "./routed.ts";
import { type Server, serversOf } from "./servers.ts";

/** What becomes of the requests that a route sends to one cluster. */
export interface Followed {
  readonly told: ExplainedDestination;
  /** The server whose settings stand for all; absent: nobody that is known here gets anything. */
  readonly server?: Server;
}

export function followTarget(journey: Journey, target: Target): Followed {
  const { worlds, client } = journey;
  const { cluster: clusterName, name, tags, share } = target;
  const view = configOfClient(client);
  const cluster = view.json(typeUrls.cluster, clusterName);
  const base = { name, cluster: clusterName, tags, share, endpoints: [], arrangedBy: [], leftOut: [], servers: [] };
  const beyond = beyondMesh(client, tags);
  if (beyond) return { told: { ...base, ...beyond } };
  if (!cluster && mayBeBeyondMesh(client)) {
    return {
      told: { ...base, obstacle: "unseen", why: "a route leads to a gateway of another mesh, of which nothing is known here" },
    };
  }
  if (!cluster) {
    return { told: { ...base, obstacle: "no-cluster", why: `Envoy gets no cluster ${clusterName}: a policy removes it` } };
  }
  const hop: Hop = { world: client.world, view, cluster };
  const outside = new Outside(client, target);
  const found = hopEndpoints(hop);
  const reached = new Reached(journey, outside, cluster);
  for (const endpoint of found) reached.follow(hop, endpoint);
  const { tls } = arrivalOf(cluster);
  return {
    told: {
      ...base,
      ...(tls && { sni: tls.sni }),
      endpoints: found.map((endpoint) => toldEndpoint(hop, endpoint, { found, outside })),
      arrangedBy: client.world.ownNames(view.origins(typeUrls.endpoint, clusterName)),
      leftOut: [
        ...outside.leftOut(new Set(found.map(({ address, port }) => `${address}:${port}`))),
        ...leftOutOf(worlds, client, target, new Set(reached.servers.map(({ zone, dataplane }) => `${zone}/${dataplane}`))),
      ],
      servers: reached.servers,
      ...(found.length === 0 && nobodyThere(outside, target, client.world)),
    },
    ...(reached.first && { server: reached.first }),
  };
}

function nobodyThere(outside: Outside, { name }: Target, { zone }: ZoneWorld): Partial<ExplainedDestination> {
  if (outside.lacksEgress) {
    return { obstacle: "no-endpoints", why: `${name} is reached through a zone egress, and zone ${zone} has none that runs` };
  }
  const denial = outside.denial();
  if (!denial?.obstacle) return { obstacle: "no-endpoints", why: `nobody is ${name}` };
  const { permission, obstacle, why } = denial;
  const servers = outside.endpoints.map((endpoint) => ({
    ...{ zone: "", dataplane: endpoint.name, inbound: "", through: [], share: 1 / outside.endpoints.length },
    ...{ permission, obstacle, why: why ?? "" },
  }));
  return { servers };
}

interface Company {
  /** All endpoints of the destination. */
  readonly found: readonly ClusterEndpoint[];
  readonly outside: Outside;
}

function toldEndpoint(hop: Hop, endpoint: ClusterEndpoint, { found, outside }: Company): ExplainedEndpoint {
  const { tags: _, ...told } = endpoint;
  return { ...told, ...whoIsThere(hop, endpoint, outside), why: endpointReason(endpoint, found, hop.world.zone) };
}

function whoIsThere(
  hop: Hop,
  { address, port }: ClusterEndpoint,
  outside: Outside,
): { readonly via: ExplainedEndpoint["via"]; readonly name?: string } {
  const at = `${address}:${port}`;
  if (leavesMesh(hop)) return { via: "external", name: outside.nameAt(at) ?? at };
  const server = serversOf(hop.world).get(at);
  if (server) return { via: "dataplane", name: server.resource.name };
  const proxy = hop.world.zoneProxyAt(at);
  return proxy ? { via: proxy.kind, name: proxy.resource.name } : { via: "address" };
}
