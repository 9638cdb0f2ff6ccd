import { inboundListenerName, typeUrls } from "@meridian/envoy";
import { inboundPermission } from "@meridian/generator";
import { canonicalJson, type DataplaneSpec, type Resource } from "@meridian/model";
import type { PermissionPlan } from "@meridian/policies";
import type { Json } from "../envoy/json.ts";
import { type Arrival, arrivalOf, chooseChain, rbacFilters } from "../envoy/listeners.ts";
import { type ClientIdentity, clientIdentity, judge, judgeShadow } from "../envoy/rbac.ts";
import { tlsMismatch } from "../envoy/tls.ts";
import { policiesText } from "../told/words.ts";
import type { ExplainedServer, Permission } from "../types.ts";
import type { Worlds } from "../worlds/worlds.ts";
import type { ProxyView, ZoneWorld } from "../worlds/zone-world.ts";
import type { DataplaneFacts, Inbound } from "./client.ts";

/** One inbound of a data plane that an endpoint is. */
export interface Server {
  readonly world: ZoneWorld;
  readonly resource: Resource<DataplaneSpec>;
  readonly facts: DataplaneFacts;
  readonly inbound: Inbound;
}

/** How a connection comes to servers. */
export interface Connection {
  /** Of the client. */
  readonly cluster: Json;
  readonly identity: ClientIdentity;
}

/** By `address:port` as clients of the zone's own see it. */
export function serversOf(world: ZoneWorld, mesh: string): ReadonlyMap<string, Server> {
  const servers = new Map<string, Server>();
  for (const resource of world.list<DataplaneSpec>("Dataplane")) {
    const facts = resource.mesh === mesh ? world.view.dataplane(mesh, resource.name) : undefined;
    for (const inbound of facts?.inbounds ?? []) {
      const address = resource.spec.networking.advertisedAddress || inbound.address;
      if (facts) servers.set(`${address}:${inbound.port}`, { world, resource, facts, inbound });
    }
  }
  return servers;
}

/**
 * What servers make of a connection. Their configs are generated one by one where there are few; of many, one stands for all that have
 * equal permissions.
 */
export class ServerJudge {
  readonly #worlds: Worlds;
  readonly #connection: Connection;
  readonly #arrival: Arrival;
  readonly #known = new Map<string, Judged>();

  constructor(worlds: Worlds, connection: Connection) {
    this.#worlds = worlds;
    this.#connection = connection;
    this.#arrival = arrivalOf(connection.cluster);
  }

  judge(server: Server, share: number, isOneOfMany: boolean): ExplainedServer {
    const key = isOneOfMany ? permissionKey(server) : server.resource.name;
    const judged = this.#known.get(key) ?? this.#judge(server);
    this.#known.set(key, judged);
    return { zone: server.world.zone, dataplane: server.resource.name, inbound: server.inbound.section, share, ...judged };
  }

  #judge(server: Server): Judged {
    const { world, resource, facts, inbound } = server;
    const view = world.config(resource);
    const listener = inboundListenerOf(view, inbound);
    const open: Permission = { decision: "open", policies: [] };
    if (!listener)
      return { obstacle: "no-inbound", why: "its proxy gets no listener for the inbound: a policy removes it", permission: open };
    const chain = chooseChain(listener, this.#arrival);
    const speaks = this.#arrival.tls ? "the client's TLS" : "the plaintext that the client speaks";
    if (!chain) return { obstacle: "tls-mismatch", why: `its listener does not take ${speaks}`, permission: open };
    const serverUris = clientIdentity(resource.mesh, facts.tagSets).uris;
    const { cluster, identity } = this.#connection;
    const why = tlsMismatch({ cluster, chain, clientUris: identity.uris, serverUris });
    if (why !== undefined) return { obstacle: "tls-mismatch", why, permission: open };
    const client = { ...identity, ...(this.#arrival.tls && { sni: this.#arrival.tls.sni }) };
    return withObstacle(this.#withOwnNames(permissionOf(chain, client, permissionPlan(server)?.origins ?? [])), inbound.service);
  }

  #withOwnNames(permission: Permission): Permission {
    return { ...permission, policies: permission.policies.map((key) => this.#worlds.ownName(key)) };
  }
}

type Judged = Pick<ExplainedServer, "permission" | "obstacle" | "why">;

function withObstacle(permission: Permission, service: string): Judged {
  const { decision, policies } = permission;
  if (decision === "unknown") return { permission, obstacle: "undecided", why: "its permission depends on more than who calls" };
  if (decision !== "denied") return { permission };
  const by = policies.length > 0 ? `denied by ${policiesText(policies)}` : `no permission of ${service} lets anybody in`;
  return { permission, obstacle: "denied", why: by };
}

/** Only the filters that Envoy meets on this chain decide; all of them have to let the client in. */
function permissionOf(chain: Json, client: ClientIdentity, origins: readonly string[]): Permission {
  const filters = rbacFilters(chain);
  if (filters.length === 0) return { decision: "open", policies: [] };
  const judged = filters.map(({ place, rbac }) => ({ place, ...judge(rbac, client), shadow: judgeShadow(rbac, client) }));
  const decisive =
    judged.find(({ isAllowed }) => isAllowed === false) ?? judged.find(({ isAllowed }) => isAllowed === undefined) ?? judged[0];
  const { isAllowed, rule, place = "network" } = decisive ?? {};
  return {
    decision: isAllowed === undefined ? "unknown" : isAllowed ? "allowed" : "denied",
    ...(rule !== undefined && { rule }),
    policies: rule === undefined ? origins : policiesOfRule(rule, origins),
    place,
    ...(judged.some(({ shadow }) => shadow?.isAllowed === false) && { shadowDenied: true }),
  };
}

/** A rule has the name of its policy, or its KRI; one that stands for several policies is that of all of them. */
function policiesOfRule(rule: string, origins: readonly string[]): readonly string[] {
  const exact = origins.filter((origin) => {
    const name = origin.split("/")[2] ?? "";
    return rule === name || (rule.startsWith("kri_") && rule.includes(`_${name}_`));
  });
  return exact.length > 0 ? exact : origins;
}

export function inboundListenerOf(view: ProxyView, { address, port }: Inbound): Json | undefined {
  return view.json(typeUrls.listener, inboundListenerName(address, port));
}

function permissionPlan({ world, resource: { mesh }, facts, inbound }: Server): PermissionPlan | undefined {
  if (!world.view.mesh(mesh)?.mtls) return undefined;
  const { name, labels, tagSets } = facts;
  return inboundPermission(world.view, { mesh, name, zone: world.zone, labels, tagSets }, inbound);
}

function permissionKey(server: Server): string {
  const { world, inbound } = server;
  return canonicalJson([world.zone, inbound.protocol, inbound.tags, permissionPlan(server) ?? null]);
}
