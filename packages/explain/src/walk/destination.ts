import { inboundListenerName, typeUrls } from "@meridian/envoy";
import { type Resource, tagNames, type ZoneIngressSpec } from "@meridian/model";
import { type ClusterEndpoint, clusterEndpoints } from "../envoy/endpoints.ts";
import { fieldAt, type Json, listOf } from "../envoy/json.ts";
import { arrivalOf, chooseChain, tcpProxy } from "../envoy/listeners.ts";
import { destinationText } from "../told/words.ts";
import type { ExplainedDestination, ExplainedEndpoint, ExplainedServer, Obstacle } from "../types.ts";
import type { Worlds } from "../worlds/worlds.ts";
import type { ZoneWorld } from "../worlds/zone-world.ts";
import { type Client, configOfClient } from "./client.ts";
import { leftOutOf } from "./left-out.ts";
import type { Target } from "./routing.ts";
import { type Server, ServerJudge, serversOf } from "./server.ts";

/** Above so many servers of one destination, one stands for all with equal permissions. */
const judgedOneByOne = 20;

/** What becomes of the requests that a route sends to one cluster. */
export interface Followed {
  readonly told: ExplainedDestination;
  /** The server whose settings stand for all; absent: nobody that is known here gets anything. */
  readonly server?: Server;
}

export function followTarget(worlds: Worlds, client: Client, target: Target): Followed {
  const view = configOfClient(client);
  const { cluster: name, tags, share } = target;
  const cluster = view.json(typeUrls.cluster, name);
  const base = { cluster: name, tags, share, endpoints: [], leftOut: [], servers: [] };
  if (!cluster) return { told: { ...base, ...obstacle("no-cluster", `Envoy gets no cluster ${name}: a policy removes it`) } };
  const { tls } = arrivalOf(cluster);
  const found = clusterEndpoints((cluster["loadAssignment"] ?? view.json(typeUrls.endpoint, name) ?? {}) as Json, cluster);
  const mesh = client.placed.resource.mesh;
  const here = serversOf(client.world, mesh);
  const endpoints = found.map((endpoint) => toldEndpoint(worlds, client, endpoint, here));
  const reached = new Reached(worlds, client, cluster, here);
  for (const endpoint of found) reached.follow(endpoint);
  const leftOut = leftOutOf(worlds, client, tags, new Set(reached.servers.map(({ zone, dataplane }) => `${zone}/${dataplane}`)));
  const nobody = found.length === 0 ? obstacle("no-endpoints", `nobody is ${destinationText(tags) || name}`) : {};
  return {
    told: { ...base, ...(tls && { sni: tls.sni }), endpoints, leftOut, servers: reached.servers, ...nobody },
    ...(reached.first && { server: reached.first }),
  };
}

function obstacle(reason: Obstacle, why: string): { readonly obstacle: Obstacle; readonly why: string } {
  return { obstacle: reason, why };
}

function toldEndpoint(
  worlds: Worlds,
  client: Client,
  endpoint: ClusterEndpoint,
  here: ReadonlyMap<string, Server>,
): ExplainedEndpoint {
  const { tags: _, ...told } = endpoint;
  const address = `${endpoint.address}:${endpoint.port}`;
  const server = here.get(address);
  if (server) return { ...told, via: "dataplane", name: server.resource.name };
  const ingress = worlds.ingressAt(client.world, address);
  return ingress ? { ...told, via: "ingress", name: ingress.name } : { ...told, via: "address" };
}

/** Servers behind the endpoints of one cluster, in their own zone and through the ingresses of others. */
class Reached {
  readonly servers: ExplainedServer[] = [];
  /** The first that gets something. */
  first: Server | undefined;
  readonly #worlds: Worlds;
  readonly #client: Client;
  readonly #cluster: Json;
  readonly #here: ReadonlyMap<string, Server>;
  readonly #judge: ServerJudge;

  constructor(worlds: Worlds, client: Client, cluster: Json, here: ReadonlyMap<string, Server>) {
    this.#worlds = worlds;
    this.#client = client;
    this.#cluster = cluster;
    this.#here = here;
    this.#judge = new ServerJudge(worlds, { cluster, identity: { uris: client.told.identity } });
  }

  follow({ address, port, zone, share }: ClusterEndpoint): void {
    const at = `${address}:${port}`;
    const server = this.#here.get(at);
    const ingress = server ? undefined : this.#worlds.ingressAt(this.#client.world, at);
    if (server) this.#add(server, share);
    else if (ingress) this.#throughIngress(ingress, zone, share);
    else if (isOutside(this.#cluster)) this.#addOutside(at, share);
    else this.#unseen(zone, at, share, obstacle("unseen", `nothing is known here of ${at}`));
  }

  #add(server: Server, share: number): void {
    if (share > 0) this.first ??= server;
    this.servers.push(this.#judge.judge(server, share, this.servers.length >= judgedOneByOne));
  }

  /** Nobody of the mesh: who may call, its own servers say. */
  #addOutside(at: string, share: number): void {
    this.servers.push({ zone: "", dataplane: at, inbound: "", share, permission: { decision: "open", policies: [] } });
  }

  #unseen(zone: string, dataplane: string, share: number, why: ReturnType<typeof obstacle>): void {
    this.servers.push({ zone, dataplane, inbound: "", share, permission: { decision: "unknown", policies: [] }, ...why });
  }

  #throughIngress(ingress: Resource<ZoneIngressSpec>, zone: string, share: number): void {
    const world = this.#worlds.of(zone);
    const behind = world
      ? behindIngress(world, ingress, this.#cluster)
      : obstacle("unseen", `only the global control plane knows who is in zone ${zone}`);
    if (!world || "obstacle" in behind) {
      this.#unseen(zone, ingress.name, share, behind as ReturnType<typeof obstacle>);
      return;
    }
    const servers = serversOf(world, this.#client.placed.resource.mesh);
    for (const endpoint of behind.endpoints) {
      const at = `${endpoint.address}:${endpoint.port}`;
      const server = servers.get(at);
      if (server) this.#add(server, share * endpoint.share);
      else this.#unseen(zone, at, share * endpoint.share, obstacle("unseen", `nothing is known here of ${at}`));
    }
  }
}

/** Endpoints that stand in the cluster itself are those of external services. */
function isOutside(cluster: Json): boolean {
  return cluster["loadAssignment"] !== undefined;
}

/** Whom the ingress of a zone hands a connection over to: it looks at the server name only. */
function behindIngress(
  world: ZoneWorld,
  ingress: Resource<ZoneIngressSpec>,
  cluster: Json,
): { readonly endpoints: readonly ClusterEndpoint[] } | ReturnType<typeof obstacle> {
  const { advertisedAddress, advertisedPort } = ingress.spec.networking;
  const own = world.list<ZoneIngressSpec>("ZoneIngress").find(({ spec: { networking } }) => {
    return networking.advertisedAddress === advertisedAddress && networking.advertisedPort === advertisedPort;
  });
  if (!own) return obstacle("no-ingress", `zone ${world.zone} does not know its ingress ${ingress.name}`);
  const view = world.config(own);
  const { address, port } = own.spec.networking;
  const listener = view.json(typeUrls.listener, inboundListenerName(address, port));
  const arrival = arrivalOf(cluster);
  const proxy = listener && tcpProxy(chooseChain(listener, arrival) ?? {});
  const name = proxy?.["cluster"];
  if (!proxy || typeof name !== "string") {
    return obstacle(
      "no-ingress",
      `the ingress of zone ${world.zone} has nobody for the server name ${arrival.tls?.sni ?? "(none)"}`,
    );
  }
  const wanted = (fieldAt(proxy, "metadataMatch", "filterMetadata", "envoy.lb") ?? {}) as Json;
  const assignment = view.json(typeUrls.endpoint, name) ?? {};
  const endpoints = clusterEndpoints(subset(assignment, wanted), view.json(typeUrls.cluster, name) ?? {});
  if (endpoints.length > 0) return { endpoints };
  return obstacle("no-endpoints", `the ingress of zone ${world.zone} has no healthy instance for it`);
}

/** What Envoy's subset load balancer leaves of an assignment. */
function subset(assignment: Json, wanted: Json): Json {
  const fits = (endpoint: Json): boolean => {
    const tags = (fieldAt(endpoint, "metadata", "filterMetadata", "envoy.lb") ?? {}) as Json;
    return Object.entries(wanted).every(([tag, value]) => tag === tagNames.service || tags[tag] === value);
  };
  const endpoints = listOf(assignment["endpoints"]).map((locality) => ({
    ...locality,
    lbEndpoints: listOf(locality["lbEndpoints"]).filter(fits),
  }));
  return { ...assignment, endpoints };
}
