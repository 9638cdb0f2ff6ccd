import type { ClusterEndpoint } from "../envoy/endpoints.ts";
import { type Arrival, arrivalOf } from "../envoy/listeners.ts";
import type { ExplainedServer } from "../types.ts";
import type { ZoneProxy, ZoneWorld } from "../worlds/zone-world.ts";
import type { Journey } from "./client.ts";
import { type Hop, hopEndpoints, leavesMesh, type Obstruction, passThrough } from "./hop.ts";
import type { Outside } from "./outside.ts";
import { type Judged, ServerJudge } from "./server-judge.ts";
import { type Server, serversOf } from "./servers.ts";

/** What of the way is behind a request. */
interface Trail {
  /** Of the requests to the destination, in [0, 1]. */
  readonly share: number;
  readonly through: readonly string[];
  /** What the egress said at which TLS ended; absent: no such place was met. */
  readonly judged?: Judged;
}

/** Egress, ingress, server: nothing is further away. */
const mostZoneProxies = 3;

/** Servers behind the endpoints of one cluster: in their own zone, through the ingresses of others, and outside. */
export class Reached {
  readonly servers: ExplainedServer[] = [];
  /** The first that gets something. */
  first: Server | undefined;
  readonly #journey: Journey;
  readonly #outside: Outside;
  readonly #arrival: Arrival;
  readonly #judge: ServerJudge;

  /** @param cluster of the client */
  constructor(journey: Journey, outside: Outside, cluster: Hop["cluster"]) {
    const { told, facts, placed } = journey.client;
    this.#journey = journey;
    this.#outside = outside;
    this.#arrival = arrivalOf(cluster);
    this.#judge = new ServerJudge({ cluster, mesh: placed.resource.mesh, uris: told.identity, tagSets: facts.tagSets });
  }

  follow(hop: Hop, endpoint: ClusterEndpoint, { share, through, judged }: Trail = { share: 1, through: [] }): void {
    const at = `${endpoint.address}:${endpoint.port}`;
    const trail = { share: share * endpoint.share, through, ...(judged && { judged }) };
    if (leavesMesh(hop)) {
      this.#add(this.#outside.nameAt(at) ?? at, endpoint.zone, trail, judged ?? this.#outside.judge(at));
      return;
    }
    const server = serversOf(hop.world).get(at);
    if (server) {
      if (trail.share > 0) this.first ??= server;
      this.#add(server.resource.name, server.world.zone, trail, this.#judge.judge(server), server.inbound.section);
      return;
    }
    const proxy = hop.world.zoneProxyAt(at);
    if (proxy && through.length < mostZoneProxies) this.#followThrough(hop.world, proxy, endpoint, trail);
    else this.#unseen(at, endpoint.zone, trail, { obstacle: "unseen", why: `nothing is known here of ${at}` });
  }

  #followThrough(from: ZoneWorld, proxy: ZoneProxy, { zone }: ClusterEndpoint, trail: Trail): void {
    const place = proxy.kind === "egress" ? from.zone : zone || proxy.zone;
    const { worlds, request } = this.#journey;
    const world = worlds.of(place);
    const passage = world
      ? passThrough(world, proxy, { arrival: this.#arrival, request })
      : ({ obstacle: "unseen", why: `only the global control plane knows who is in zone ${place}` } as const);
    if (!world || "obstacle" in passage) {
      this.#unseen(proxy.resource.name, place, trail, passage as Obstruction);
      return;
    }
    const through = [...trail.through, proxy.resource.name];
    const endpoints = hopEndpoints(passage.hop);
    const judged = proxy.kind === "egress" ? this.#judge.judgeEgress(passage, this.#outside.side()) : undefined;
    for (const endpoint of endpoints) this.follow(passage.hop, endpoint, { ...trail, through, ...(judged && { judged }) });
    if (endpoints.length > 0) return;
    const why = `the ${proxy.kind} of zone ${world.zone} has no healthy instance for it`;
    this.#unseen(proxy.resource.name, world.zone, trail, { obstacle: "no-endpoints", why });
  }

  #add(dataplane: string, zone: string, { share, through }: Trail, judged: Judged, inbound = ""): void {
    this.servers.push({ zone, dataplane, inbound, share, through, ...judged });
  }

  #unseen(dataplane: string, zone: string, trail: Trail, obstruction: Obstruction): void {
    this.#add(dataplane, zone, trail, { permission: { decision: "unknown", policies: [] }, ...obstruction });
  }
}
